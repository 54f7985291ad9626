import { allows, type Me } from '@hall/contracts';
import { lazy, Suspense, useEffect, useMemo } from 'react';
import { Link, Redirect, Route, Switch } from 'wouter';
import { hallApi } from '../api/hall-api.ts';
import { useWords } from '../i18n/language.tsx';
import { openLive } from '../live/connection.ts';
import { HallApiContext, keepRechecking, rereadAll, takeChanges } from '../live/hall-data.ts';
import { OverviewPage } from '../overview/overview-page.tsx';
import { Banners } from './banners.tsx';
import { Header } from './header.tsx';
import { MeContext } from './me.ts';
import { Navigation } from './navigation.tsx';
import { PageGuard } from './page-guard.tsx';
import { Loading } from './loading.tsx';

const AlarmsPage = lazy(() => import('../alarms/alarms-page.tsx'));
const TopologyPage = lazy(() => import('../topology/topology-page.tsx'));
const DevicesPage = lazy(() => import('../devices/devices-page.tsx'));
const FleetPage = lazy(() => import('../fleet/fleet-page.tsx'));
const DevicePage = lazy(() => import('../devices/device-page.tsx'));
const DiscoveryPage = lazy(() => import('../discovery/discovery-page.tsx'));
const LabelsPage = lazy(() => import('../labels/labels-page.tsx'));
const WorkOrdersPage = lazy(() => import('../work-orders/work-orders-page.tsx'));
const HallPage = lazy(() => import('../hall/hall-page.tsx'));
const EventsPage = lazy(() => import('../events/events-page.tsx'));
const PeoplePage = lazy(() => import('../people/people-page.tsx'));
const AuditPage = lazy(() => import('../audit/audit-page.tsx'));
const SessionsPage = lazy(() => import('../sessions/sessions-page.tsx'));

/** Header, navigation and the rooms, for a person who is signed in. Each room is fetched when it is entered. */
export function Shell({ me, onLeft }: { me: Me; onLeft: (unasked: boolean) => void }) {
  const words = useWords();
  const api = useMemo(() => hallApi(me.hall), [me.hall]);
  useEffect(
    () => openLive({ changes: takeChanges, connected: rereadAll, signedOut: () => onLeft(true) }),
    // The connection belongs to the session, not to the callback's identity.
    // oxlint-disable-next-line react-hooks/exhaustive-deps
    [me.name],
  );
  useEffect(keepRechecking, []);
  const may = (permission: Parameters<typeof allows>[1]) => allows(me.roles, permission);
  return (
    <MeContext value={me}>
      <HallApiContext value={api}>
        <a className="skip" href="#main">
          {words.common.skip}
        </a>
        <Header onLeft={() => onLeft(false)} />
        <Navigation />
        <Banners />
        <main id="main" tabIndex={-1}>
          <PageGuard>
            <Suspense fallback={<Loading page />}>
              <Switch>
                <Route path="/" component={OverviewPage} />
                {may('device.view') && <Route path="/alarms" component={AlarmsPage} />}
                {may('device.view') && <Route path="/topology" component={TopologyPage} />}
                {may('device.view') && <Route path="/devices" component={DevicesPage} />}
                {may('device.view') && <Route path="/fleet" component={FleetPage} />}
                {may('device.view') && <Route path="/devices/:id" component={DevicePage} />}
                {may('device.view') && <Route path="/discovery" component={DiscoveryPage} />}
                {may('device.view') && <Route path="/labels" component={LabelsPage} />}
                {may('device.view') && <Route path="/work-orders" component={WorkOrdersPage} />}
                {may('content.view') && <Route path="/hall/:tab?" component={HallPage} />}
                {may('event.view') && <Route path="/events" component={EventsPage} />}
                {may('people.manage') && <Route path="/people" component={PeoplePage} />}
                {may('audit.view') && <Route path="/audit" component={AuditPage} />}
                <Route path="/sessions" component={SessionsPage} />
                <Route path="/index.html">
                  <Redirect to="/" />
                </Route>
                <Route>
                  <section className="centre-text">
                    <h1>{words.failure.notFound}</h1>
                    <Link href="/">{words.failure.backToOverview}</Link>
                  </section>
                </Route>
              </Switch>
            </Suspense>
          </PageGuard>
        </main>
      </HallApiContext>
    </MeContext>
  );
}
