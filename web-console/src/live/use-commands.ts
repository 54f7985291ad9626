/** The commands that the console holds: read once, then kept up by messages. */
import type { BatchView, CommandView } from '@hall/contracts';
import { useQuery, type UseQueryResult } from '@tanstack/react-query';
import { MOST_COMMANDS, type Addressee } from './commands.ts';
import { useHallApi } from './hall-data.ts';

export function useCommands(to: Addressee): UseQueryResult<readonly CommandView[]> {
  const api = useHallApi();
  return useQuery({ queryKey: ['commands', to], queryFn: () => api.commands({ ...to, limit: MOST_COMMANDS }) });
}

export function useBatch(id: string | undefined): UseQueryResult<BatchView> {
  const api = useHallApi();
  return useQuery({ queryKey: ['batch', id], queryFn: () => api.batch(id ?? ''), enabled: id !== undefined });
}
