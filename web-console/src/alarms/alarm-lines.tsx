import { Link } from 'wouter';
import { useWords } from '../i18n/language.tsx';
import { useAlarms } from '../live/hall-data.ts';
import { useMay } from '../shell/me.ts';
import { useAlarmText } from './alarm-words.ts';
import { PriorityMark } from './priority-mark.tsx';
import { overviewLines, standing } from './select.ts';

/** What needs somebody now, root causes first, at most seven lines; nothing at all when all is well. */
export function AlarmLines() {
  const t = useWords().alarms;
  const { data } = useAlarms(useMay('device.view'));
  const textOf = useAlarmText();
  const { lines, more } = overviewLines(data ?? []);
  if (lines.length === 0) return null;
  return (
    <section aria-label={t.title} className="alarm-lines" data-testid="alarm-lines">
      <ul>
        {lines.map((alarm) => {
          const { title, object, seen, firstStep } = textOf(alarm);
          return (
            <li key={alarm.id}>
              <PriorityMark priority={alarm.priority} active />
              <Link href={`/alarms?alarm=${alarm.id}`}>{`${title} · ${object}`}</Link>
              {alarm.dependants > 0 && <span className="quiet">{t.dependants(alarm.dependants)}</span>}
              <span className="alarm-line-text">
                {seen} <strong>{firstStep}</strong>
              </span>
            </li>
          );
        })}
        {more > 0 && (
          <li>
            <Link href="/alarms">{t.more(more)}</Link>
          </li>
        )}
      </ul>
    </section>
  );
}

/** How many alarms need somebody, in the header of every room. */
export function AlarmBadge() {
  const t = useWords().alarms;
  const may = useMay('device.view');
  const { data } = useAlarms(may);
  const open = standing(data ?? []);
  if (!may || open.length === 0) return null;
  const urgent = open.some(({ priority }) => priority === 1);
  return (
    <Link href="/alarms" className={`alarm-badge${urgent ? ' urgent' : ''}`} data-testid="alarm-badge">
      <span aria-hidden>{urgent ? '▲ ' : '△ '}</span>
      {t.badge(open.length)}
    </Link>
  );
}

/** The alarms of one window, for its drawer. */
export function WindowAlarms({ number }: { number: string }) {
  const t = useWords().alarms;
  const { data } = useAlarms(useMay('device.view'));
  const textOf = useAlarmText();
  const own = standing(data ?? []).filter(({ windows }) => windows.includes(number));
  if (own.length === 0) return null;
  return (
    <section aria-label={t.title}>
      <h3>{t.title}</h3>
      <ul className="plain-list">
        {own.map((alarm) => {
          const { title, object, firstStep } = textOf(alarm);
          return (
            <li key={alarm.id}>
              <Link href={`/alarms?alarm=${alarm.id}`}>{`${title} · ${object}`}</Link>
              <div className="quiet">{firstStep}</div>
            </li>
          );
        })}
      </ul>
    </section>
  );
}
