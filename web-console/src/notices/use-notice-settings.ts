import type { ChannelSecret, NoticeSettings, NoticeSettingsView } from '@hall/contracts';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { App } from 'antd';
import { useWords } from '../i18n/language.tsx';
import { useHallApi } from '../live/hall-data.ts';

/** Secrets that were typed, by channel and name. */
export type TypedSecrets = Readonly<Record<string, Readonly<Partial<Record<ChannelSecret, string>>>>>;
export interface NoticeChange {
  readonly settings: NoticeSettings;
  readonly secrets?: TypedSecrets;
}

const KEY = ['notice-settings'];
/** How often the state of the channels is read again while the room is open, ms. */
const REREAD_MS = 5000;

export function useNoticeSettings() {
  const api = useHallApi();
  return useQuery({ queryKey: KEY, queryFn: () => api.noticeSettings(), refetchInterval: REREAD_MS });
}

/** Stores settings that were made from those last read; whoever was slower is refused and reads again. */
export function useSaveNotices(done?: () => void) {
  const api = useHallApi();
  const client = useQueryClient();
  const words = useWords();
  const { message } = App.useApp();
  return useMutation({
    mutationFn: ({ settings, secrets = {} }: NoticeChange) => {
      const version = client.getQueryData<NoticeSettingsView>(KEY)?.version ?? 0;
      return api.putNoticeSettings({ settings, secrets }, version);
    },
    onSuccess: () => {
      void message.success(words.common.saved);
      done?.();
    },
    onSettled: () => client.invalidateQueries({ queryKey: KEY }),
  });
}

/** A list with a row added or replaced by its id. */
export const withRow = <R extends { readonly id: string }>(rows: readonly R[], row: R): R[] =>
  rows.some(({ id }) => id === row.id) ? rows.map((each) => (each.id === row.id ? row : each)) : [...rows, row];
