import type { AlarmView } from '@hall/contracts';
import { alarmTypes } from '@hall/model';
import { useMutation } from '@tanstack/react-query';
import { Button, Input, Select } from 'antd';
import { useId, useState } from 'react';
import { useWords } from '../i18n/language.tsx';
import { takeAlarm, useHallApi } from '../live/hall-data.ts';
import { useMe } from '../shell/me.ts';
import { useFailureMessage } from '../shell/use-failure-message.ts';
import { shelveChoices } from './select.ts';

/** Acknowledge, assign, comment, put aside. */
export function AlarmActs({ alarm, onDone }: { alarm: AlarmView; onDone: () => void }) {
  const t = useWords().alarms;
  const api = useHallApi();
  const me = useMe();
  const tell = useFailureMessage();
  const id = useId();
  const [assignee, setAssignee] = useState(alarm.assignee ?? '');
  const [comment, setComment] = useState('');
  const [reason, setReason] = useState('');
  const choices = shelveChoices(alarmTypes[alarm.type].shelveHours);
  const [hours, setHours] = useState(choices[0] ?? 1);
  const act = useMutation({
    mutationFn: (run: () => Promise<AlarmView>) => run(),
    onSuccess: (view) => {
      takeAlarm(view);
      onDone();
    },
    onError: tell,
  });
  const give = (person: string | null) => {
    setAssignee(person ?? '');
    act.mutate(() => api.assignAlarm(alarm.id, person));
  };
  return (
    <div className="alarm-acts">
      <div className="alarm-act">
        {!alarm.acknowledged && (
          <Button type="primary" loading={act.isPending} onClick={() => act.mutate(() => api.acknowledgeAlarm(alarm.id))}>
            {t.acknowledge}
          </Button>
        )}
        {alarm.assignee !== me.name && <Button onClick={() => give(me.name)}>{t.toMe}</Button>}
        {alarm.assignee !== null && <Button onClick={() => give(null)}>{t.nobody}</Button>}
      </div>
      <form
        className="alarm-act"
        onSubmit={(event) => {
          event.preventDefault();
          if (assignee.trim()) give(assignee.trim());
        }}
      >
        <label htmlFor={`${id}-assignee`}>{t.assignee}</label>
        <Input id={`${id}-assignee`} value={assignee} maxLength={40} onChange={(event) => setAssignee(event.target.value)} />
        <Button htmlType="submit" disabled={!assignee.trim()}>
          {t.assign}
        </Button>
      </form>
      <form
        className="alarm-act"
        onSubmit={(event) => {
          event.preventDefault();
          if (!comment.trim()) return;
          act.mutate(() => api.commentAlarm(alarm.id, comment.trim()), { onSuccess: () => setComment('') });
        }}
      >
        <label htmlFor={`${id}-comment`}>{t.comment}</label>
        <Input id={`${id}-comment`} value={comment} maxLength={500} onChange={(event) => setComment(event.target.value)} />
        <Button htmlType="submit" disabled={!comment.trim()}>
          {t.addComment}
        </Button>
      </form>
      {alarm.shelved ? (
        <div className="alarm-act">
          <span className="quiet">{alarm.shelved.reason}</span>
          <Button onClick={() => act.mutate(() => api.unshelveAlarm(alarm.id))}>{t.unshelve}</Button>
        </div>
      ) : (
        <form
          className="alarm-act"
          onSubmit={(event) => {
            event.preventDefault();
            if (reason.trim()) act.mutate(() => api.shelveAlarm(alarm.id, hours * 60, reason.trim()));
          }}
        >
          <label htmlFor={`${id}-reason`}>{t.reason}</label>
          <Input id={`${id}-reason`} value={reason} maxLength={200} onChange={(event) => setReason(event.target.value)} />
          <Select
            aria-label={t.shelveFor}
            value={hours}
            onChange={setHours}
            options={choices.map((each) => ({ value: each, label: t.hours(each) }))}
          />
          <Button htmlType="submit" disabled={!reason.trim()}>
            {t.shelve}
          </Button>
        </form>
      )}
    </div>
  );
}
