import { alarmTypeIds, type AlarmView } from '@hall/contracts';
import { alarmTypes } from '@hall/model';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { attentionOf, causesOf, type Cause } from '../overview/attention.ts';
import { sampleWindow } from '../overview/sample-window.ts';
import { mergeAlarms } from '../live/merge.ts';
import { hallMoment, hallText } from './hall-moment.ts';
import { MOST_LINES, noFilter, overviewLines, passesFilter, rootCauses, shelveChoices, standing } from './select.ts';

const alarm = (id: number, more: Partial<AlarmView> = {}): AlarmView => ({
  id: String(id),
  type: 'device_offline',
  object: { kind: 'device', id: `s${id}` },
  name: `s${id}`,
  priority: 2,
  open: true,
  active: true,
  sinceMs: 0,
  raisedAt: id,
  clearedAt: null,
  count: 1,
  acknowledged: null,
  assignee: null,
  shelved: null,
  root: null,
  dependants: 0,
  windows: [],
  maintenance: false,
  evidence: {},
  ...more,
});
const shelved = { by: 'a', at: 0, until: 1, reason: 'r' };

describe('what is shown', () => {
  it('lists root causes by urgency, cleared ones after active ones, shelved ones last', () => {
    const list = [
      alarm(1, { active: false }),
      alarm(2, { shelved }),
      alarm(3),
      alarm(4, { priority: 1 }),
      alarm(5, { root: '4' }),
    ];
    expect(rootCauses(list).map(({ id }) => id)).toEqual(['4', '3', '1', '2']);
    expect(standing(list).map(({ id }) => id)).toEqual(['4', '3']);
  });

  it('fills seven lines at most and loses none', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 40 }), (n) => {
        const { lines, more } = overviewLines(Array.from({ length: n }, (_, at) => alarm(at)));
        expect(lines.length + Number(more > 0)).toBeLessThanOrEqual(MOST_LINES);
        expect(lines.length + more).toBe(n);
      }),
    );
  });

  it('filters by priority, acknowledgement, shelving and text', () => {
    const pass = (one: AlarmView, filter: Partial<typeof noFilter>) =>
      passesFilter(one, { ...noFilter, ...filter }, '设备离线 S1');
    expect(pass(alarm(1), {})).toBe(true);
    expect(pass(alarm(1), { priority: 1 })).toBe(false);
    expect(pass(alarm(1, { acknowledged: { by: 'a', at: 0 } }), { onlyUnacknowledged: true })).toBe(false);
    expect(pass(alarm(1, { shelved }), {})).toBe(false);
    expect(pass(alarm(1, { shelved }), { withShelved: true })).toBe(true);
    expect(pass(alarm(1), { search: ' s1 ' })).toBe(true);
  });

  it('drops an alarm that is told to be closed', () => {
    expect(mergeAlarms([alarm(1), alarm(2)], [alarm(1, { open: false }), alarm(3)]).map(({ id }) => id)).toEqual(['2', '3']);
  });

  it('offers no time for shelving that the type does not allow, and always its longest', () => {
    for (const id of alarmTypeIds) {
      const most = alarmTypes[id].shelveHours;
      expect(shelveChoices(most).at(-1)).toBe(most);
    }
    expect(shelveChoices(8)).toEqual([1, 4, 8]);
  });
});

describe('the hints of the overview', () => {
  const sample = sampleWindow();
  const strip = sample.strips[0];
  if (!strip) throw new Error('the sample window has a strip');
  const causes = (changes: Partial<typeof strip>) => causesOf({ ...sample, strips: [{ ...strip, ...changes }] }, 1_000_000);
  it.each([
    ['device_offline', 'strip_offline', { link: 'offline' }],
    ['agent_lost', 'strip_offline', { link: 'unknown' }],
    ['screen_stale', 'strip_stale', { freshness: 'stale' }],
    ['screen_safe', 'strip_safe', { freshness: 'safe' }],
  ] as const)('%s is seen at the window as %s, and as bad as the alarm is urgent', (type, cause, changes) => {
    const found: readonly Cause[] = causes(changes);
    expect(found).toContain(cause);
    expect(attentionOf([cause])).toBe(alarmTypes[type].priority <= 2 ? 'alarm' : 'warn');
  });
});

describe('moments in a date field', () => {
  it('are those of the hall, there and back', () => {
    const zones = fc.constantFrom('Asia/Shanghai', 'Europe/Berlin', 'America/New_York', 'UTC');
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 33_000_000 }), zones, (minutes, zone) => {
        const ms = minutes * 60_000;
        // An hour that comes twice in autumn has one text.
        expect(hallText(hallMoment(hallText(ms, zone), zone), zone)).toBe(hallText(ms, zone));
      }),
    );
    expect(hallMoment('2026-11-23T10:20', 'Asia/Shanghai')).toBe(Date.UTC(2026, 10, 23, 2, 20));
  });
});
