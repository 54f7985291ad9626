import { App } from 'antd';
import { useCallback } from 'react';
import { failureText } from '../api/failure.ts';
import { useLanguage } from '../i18n/language.tsx';

/** Tells a failed action in passing, where there is no form to put it beside. */
export function useFailureMessage(): (error: unknown) => void {
  const { message } = App.useApp();
  const { language } = useLanguage();
  return useCallback(
    (error: unknown) => {
      const text = failureText(error, language);
      void message.error([text.message, ...text.hints].join(' '), 6);
    },
    [message, language],
  );
}
