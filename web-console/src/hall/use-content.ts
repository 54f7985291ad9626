import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { App } from 'antd';
import type { HallApi, HeldContent } from '../api/hall-api.ts';
import { useWords } from '../i18n/language.tsx';
import { useHallApi } from '../live/hall-data.ts';

/** The hall content as read. */
export function useContent() {
  const api = useHallApi();
  return useQuery({ queryKey: ['content'], queryFn: () => api.content() });
}

/** Reads the content again, with everything that is drawn from it. */
export function useReread(): () => Promise<void> {
  const client = useQueryClient();
  return async () => {
    await Promise.all(['content', 'overview', 'devices'].map((key) => client.invalidateQueries({ queryKey: [key] })));
  };
}

/** One change of the content; `etag` names the version it was made from. */
export type ContentChange = (api: HallApi, etag: string | undefined) => Promise<void>;

/**
 * Changes the content as it was read. If somebody else was faster the server refuses (`CONFLICT`); what they made is read, and
 * the person decides again.
 */
export function useSave(done?: () => void) {
  const api = useHallApi();
  const client = useQueryClient();
  const reread = useReread();
  const words = useWords();
  const { message } = App.useApp();
  return useMutation({
    mutationFn: (change: ContentChange) => change(api, client.getQueryData<HeldContent>(['content'])?.etag),
    onSuccess: () => {
      void message.success(words.common.saved);
      done?.();
    },
    onSettled: reread,
  });
}
