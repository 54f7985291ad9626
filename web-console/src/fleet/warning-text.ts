import type { SecurityWarning } from '@hall/contracts';
import type { Dictionary } from '../i18n/zh.ts';
import { timeText } from '../time/hall-clock.ts';

/** What a warning says, in one sentence. */
export function warningText({ type, object, until, days, installs }: SecurityWarning, words: Dictionary, zone: string): string {
  const t = words.fleet;
  if (type === 'agent_key_changed') return t.keyChanged(object);
  if (type === 'agent_double') return t.double(object, (installs ?? []).map(({ address }) => address || '?').join(' / '));
  const whose = object === 'server' ? t.ofServer : object === 'ca' ? t.ofCa : t.ofAgent(object);
  const date = timeText(until ?? 0, zone, 'full').slice(0, 16);
  return days === '0' ? t.expired(whose, date) : t.expires(whose, date);
}
