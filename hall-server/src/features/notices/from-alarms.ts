/** What notices hear of alarms: the port between the two features. Pure but for `follow`. */
import type { AlarmNews, AlarmView } from '@hall/contracts';
import { alarmTypes } from '@hall/model';
import type { AlarmService } from '../alarms/service.ts';
import type { NoticeService } from './service.ts';

/** Nobody is to be told again of an alarm that a person has put aside; until it is taken up again it counts as acknowledged. */
export function newsOf(alarm: AlarmView, happened: AlarmNews['happened']): AlarmNews {
  const { title, seen, firstStep } = alarmTypes[alarm.type];
  const named = ({ zh, en }: { readonly zh: string; readonly en: string }) => ({
    zh: `${zh}：${alarm.name}`,
    en: `${en}: ${alarm.name}`,
  });
  return {
    happened,
    key: alarm.id,
    type: alarm.type,
    ...(alarm.object.kind === 'device' && { device: alarm.object.id }),
    title: named(title),
    firstStep,
    visitorsSee: seen,
    priority: alarm.priority as AlarmNews['priority'],
    sinceMs: alarm.sinceMs,
    acknowledged: alarm.acknowledged !== null || alarm.shelved !== null,
    folded: alarm.dependants,
  };
}

/** Alarms that people are told of by themselves: what hangs on another alarm is told with that one. */
const isTold = ({ active, root, maintenance }: AlarmView): boolean => active && root === null && !maintenance;

/** From now on notices hear of every alarm; what stood before is told to them at once. */
export async function followAlarms(
  alarms: Pick<AlarmService, 'list' | 'onAlarmNews'>,
  notices: Pick<NoticeService, 'tell' | 'reconcile'>,
  failed: (error: unknown) => void,
): Promise<void> {
  alarms.onAlarmNews(({ what, alarm }) => {
    const happened = what === 'raised' || what === 'cleared' || what === 'acknowledged' ? what : 'changed';
    notices.tell([newsOf(alarm, happened)]).catch(failed);
  });
  await notices.reconcile(
    alarms
      .list()
      .filter(isTold)
      .map((alarm) => newsOf(alarm, 'raised')),
  );
}
