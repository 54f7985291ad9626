import type { HallContent } from '@hall/contracts';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { App } from 'antd';
import type { HeldContent } from '../api/hall-api.ts';
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

/**
 * Changes the content: the change is made to what was read, and refused (`CONFLICT`) if somebody else was faster; then what
 * they made is read, and the person decides again.
 */
export function useSave(done?: () => void) {
  const api = useHallApi();
  const client = useQueryClient();
  const reread = useReread();
  const words = useWords();
  const { message } = App.useApp();
  return useMutation({
    mutationFn: async (change: (content: HallContent) => HallContent) => {
      const held = client.getQueryData<HeldContent>(['content']) ?? (await api.content());
      await api.putContent(change(held.content), held.etag);
    },
    onSuccess: () => {
      void message.success(words.common.saved);
      done?.();
    },
    onSettled: reread,
  });
}
