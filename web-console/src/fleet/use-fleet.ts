/** What the room of the agents reads beside the agents themselves. */
import type { AgentKeyView, EnrolmentView, SecurityView, SecurityWarning } from '@hall/contracts';
import { useQuery, useQueryClient, type UseQueryResult } from '@tanstack/react-query';
import { useHallApi } from '../live/hall-data.ts';

/** Whoever stands beside a new agent does not wait longer than this for its request to show, ms. */
const REQUESTS_MS = 2000;
const SECURITY_MS = 5000;
/** A banner on every page asks seldom. */
const BANNER_MS = 60_000;

export function useEnrolments(enabled: boolean): UseQueryResult<readonly EnrolmentView[]> {
  const api = useHallApi();
  return useQuery({ queryKey: ['enrolments'], queryFn: api.enrolments, refetchInterval: REQUESTS_MS, enabled });
}

export function useSecurity(): UseQueryResult<SecurityView> {
  const api = useHallApi();
  return useQuery({ queryKey: ['security'], queryFn: api.security, refetchInterval: SECURITY_MS });
}

/** Conditions that an administrator is told wherever they are. */
export function useWarnings(enabled: boolean): readonly SecurityWarning[] {
  const api = useHallApi();
  const { data } = useQuery({ queryKey: ['security'], queryFn: api.security, refetchInterval: BANNER_MS, enabled });
  return data?.warnings ?? [];
}

/** After a decision everything that hangs on it is read again. */
export function useRereadFleet(): () => void {
  const client = useQueryClient();
  return () => {
    for (const key of ['enrolments', 'security', 'agents']) void client.invalidateQueries({ queryKey: [key] });
  };
}

/** The key in use of each agent; while a new one was not used yet, the one before it. */
export function keysByAgent(keys: readonly AgentKeyView[]): ReadonlyMap<string, AgentKeyView> {
  const found = new Map<string, AgentKeyView>();
  for (const key of keys) if (!found.has(key.agent) || key.state === 'current') found.set(key.agent, key);
  return found;
}
