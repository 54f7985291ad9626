import type { AlarmView } from '@hall/contracts';
import { alarmTypes } from '@hall/model';
import { named, useLanguage, type Language } from '../i18n/language.tsx';
import type { Dictionary } from '../i18n/zh.ts';

/** The texts of an alarm in the chosen language. */
export function alarmText(
  { type, object, name }: Pick<AlarmView, 'type' | 'object' | 'name'>,
  language: Language,
  words: Dictionary,
) {
  const { title, seen, firstStep } = alarmTypes[type];
  const kind = words.alarms.kind[object.kind];
  return {
    title: named(title, language),
    seen: named(seen, language),
    firstStep: named(firstStep, language),
    /** The hall server and the platform are named by what they are. */
    object: object.kind === 'hall' || object.kind === 'platform' ? kind : name,
    kind,
  };
}

/** As a hook: the texts of any alarm. */
export function useAlarmText() {
  const { language, words } = useLanguage();
  return (alarm: Pick<AlarmView, 'type' | 'object' | 'name'>) => alarmText(alarm, language, words);
}
