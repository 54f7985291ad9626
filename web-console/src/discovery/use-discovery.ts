import type { DiscoveryView } from '@hall/contracts';
import { useMutation, useQuery, useQueryClient, type UseQueryResult } from '@tanstack/react-query';
import { useHallApi } from '../live/hall-data.ts';
import { useFailureMessage } from '../shell/use-failure-message.ts';

/** While a search runs it is looked at this often, ms. */
const LOOK_MS = 1000;
export const discoveryKey = ['discovery'] as const;

/** Searches and what they met; read again and again only while one runs. */
export function useDiscovery(): UseQueryResult<DiscoveryView> {
  const api = useHallApi();
  return useQuery({
    queryKey: discoveryKey,
    queryFn: () => api.discovery(),
    refetchInterval: (query) => (query.state.data?.searches.some(({ state }) => state === 'running') ? LOOK_MS : false),
  });
}

/** Puts a found device aside, or back. */
export function useIgnore() {
  const api = useHallApi();
  const client = useQueryClient();
  const tell = useFailureMessage();
  return useMutation({
    mutationFn: ({ id, ignored }: { readonly id: number; readonly ignored: boolean }) => api.ignoreFound(id, ignored),
    onError: tell,
    onSettled: () => client.invalidateQueries({ queryKey: discoveryKey }),
  });
}
