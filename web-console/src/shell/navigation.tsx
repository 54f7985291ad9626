import { allows, type Permission } from '@hall/contracts';
import { Link, useRoute } from 'wouter';
import { useWords } from '../i18n/language.tsx';
import type { Dictionary } from '../i18n/zh.ts';
import { useMe } from './me.ts';

const rooms: readonly { path: string; match: string; word: keyof Dictionary['nav']; needs: Permission }[] = [
  { path: '/', match: '/', word: 'overview', needs: 'hall.view' },
  { path: '/alarms', match: '/alarms', word: 'alarms', needs: 'device.view' },
  { path: '/devices', match: '/devices/:id?', word: 'devices', needs: 'device.view' },
  { path: '/topology', match: '/topology', word: 'topology', needs: 'device.view' },
  { path: '/fleet', match: '/fleet', word: 'fleet', needs: 'device.view' },
  { path: '/work-orders', match: '/work-orders', word: 'workOrders', needs: 'device.view' },
  { path: '/hall', match: '/hall/:tab?', word: 'hall', needs: 'content.view' },
  { path: '/events', match: '/events', word: 'events', needs: 'event.view' },
  { path: '/people', match: '/people', word: 'people', needs: 'people.manage' },
  { path: '/audit', match: '/audit', word: 'audit', needs: 'audit.view' },
];

function Room({ path, match, children }: { path: string; match: string; children: string }) {
  const [here] = useRoute(match);
  return (
    <Link href={path} aria-current={here ? 'page' : undefined}>
      {children}
    </Link>
  );
}

/** The rooms this person may enter. */
export function Navigation() {
  const words = useWords();
  const { roles } = useMe();
  return (
    <nav className="rooms" aria-label={words.nav.label}>
      {rooms
        .filter(({ needs }) => allows(roles, needs))
        .map(({ path, match, word }) => (
          <Room key={path} path={path} match={match}>
            {words.nav[word]}
          </Room>
        ))}
    </nav>
  );
}
