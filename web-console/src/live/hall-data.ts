/** What the console holds of the hall: read once, then kept up by messages. Rooms read it through these hooks. */
import type { AgentView, AlarmView, Changes, DeviceView, EventRow, Overview, ConsoleNotice } from '@hall/contracts';
import { QueryClient, useQuery, type UseQueryResult } from '@tanstack/react-query';
import { createContext, useContext } from 'react';
import { create } from 'zustand';
import { ApiError } from '../api/client.ts';
import { hallApi, type HallApi } from '../api/hall-api.ts';
import type { HallClock } from '../time/hall-clock.ts';
import { takeCommands } from './commands.ts';
import { noteRead } from './connection.ts';
import { noteChanges, readWhileTold } from './meanwhile.ts';
import { mergeAlarms, mergeById, mergeEvents, mergeOverview, needsOverview, mergeNotices } from './merge.ts';

/** The overview is read again this often, ms: it proves that the server still answers and corrects counts. */
const RECHECK_MS = 15_000;
/** Newest facts kept for the window drawer and the event log. */
const RECENT_EVENTS = 500;

export const queryClient = new QueryClient({
  defaultOptions: { queries: { retry: false, refetchOnWindowFocus: false, staleTime: 10_000 } },
});

/** The API of the hall this person is signed in to. */
export const HallApiContext = createContext<HallApi>(hallApi('unknown'));
export const useHallApi = (): HallApi => useContext(HallApiContext);

export const useHallClockStore = create<{ clock: HallClock | undefined }>(() => ({ clock: undefined }));
/** The hall's clock as last told. */
export const useHallClock = (): HallClock | undefined => useHallClockStore((held) => held.clock);
const tellClock = (hall: Overview['hall']): void =>
  useHallClockStore.setState({ clock: { hallMs: hall.hallMs, speed: hall.speed, toldAtMs: performance.now() } });

export const useRecentEvents = create<{ events: readonly EventRow[] }>(() => ({ events: [] }));

/** The overview; undefined data until the first read. */
export function useOverview(): UseQueryResult<Overview> {
  const api = useHallApi();
  return useQuery({
    queryKey: ['overview'],
    queryFn: async ({ signal }) => {
      try {
        const overview = await readWhileTold(() => api.overview(signal), mergeOverview);
        noteRead(true);
        tellClock(overview.hall);
        return overview;
      } catch (error) {
        if (error instanceof ApiError) noteRead(error.status !== 0 && error.status < 500);
        throw error;
      }
    },
  });
}

const withDevices = (held: readonly DeviceView[], { devices }: Changes) => (devices ? mergeById(held, devices) : held);
const withAgents = (held: readonly AgentView[], { agents }: Changes) => (agents ? mergeById(held, agents) : held);

export function useDevices(enabled = true): UseQueryResult<readonly DeviceView[]> {
  const api = useHallApi();
  return useQuery({ queryKey: ['devices'], queryFn: () => readWhileTold(() => api.devices(), withDevices), enabled });
}

export function useAgents(enabled = true): UseQueryResult<readonly AgentView[]> {
  const api = useHallApi();
  return useQuery({ queryKey: ['agents'], queryFn: () => readWhileTold(() => api.agents(), withAgents), enabled });
}

const withAlarms = (held: readonly AlarmView[], { alarms }: Changes) => (alarms ? mergeAlarms(held, alarms) : held);

/** Open alarms, those inside others included. */
export function useAlarms(enabled = true): UseQueryResult<readonly AlarmView[]> {
  const api = useHallApi();
  return useQuery({ queryKey: ['alarms'], queryFn: () => readWhileTold(() => api.alarms(), withAlarms), enabled });
}
/** Puts one alarm, as an act has answered it, in its place. */
export const takeAlarm = (alarm: AlarmView): void =>
  void queryClient.setQueryData<readonly AlarmView[]>(['alarms'], (held) => held && mergeAlarms(held, [alarm]));

/** Everything may have changed while the connection was away: read all again. */
export const rereadAll = (): void => void queryClient.invalidateQueries();

/** Reads the overview again from time to time, however much is told meanwhile; the answer ends it. */
export function keepRechecking(): () => void {
  const timer = window.setInterval(() => void queryClient.invalidateQueries({ queryKey: ['overview'] }), RECHECK_MS);
  return () => window.clearInterval(timer);
}

/** Puts a message of the server into what is held. */
export function takeChanges(changes: Changes): void {
  noteChanges(changes);
  if (changes.hall) tellClock(changes.hall);
  const { devices, agents, commands, alarms, events, notices } = changes;
  queryClient.setQueryData<Overview>(['overview'], (held) => held && mergeOverview(held, changes));
  // Only then: whatever is set counts as just read.
  if (devices) queryClient.setQueryData<readonly DeviceView[]>(['devices'], (held) => held && withDevices(held, changes));
  if (agents) queryClient.setQueryData<readonly AgentView[]>(['agents'], (held) => held && withAgents(held, changes));
  if (commands) takeCommands(queryClient, commands);
  if (alarms) queryClient.setQueryData<readonly AlarmView[]>(['alarms'], (held) => held && withAlarms(held, changes));
  if (notices) {
    queryClient.setQueryData<readonly ConsoleNotice[]>(['notices'], (held) => held && mergeNotices(held, notices));
  }
  if (events) useRecentEvents.setState((held) => ({ events: mergeEvents(held.events, events, RECENT_EVENTS) }));
  const overview = queryClient.getQueryData<Overview>(['overview']);
  if (overview && needsOverview(overview, changes)) void queryClient.invalidateQueries({ queryKey: ['overview'] });
}
