import { alarmPriorities, type NoticeChannel, type NoticePerson, type NoticeSettings, type NoticeStep } from '@hall/contracts';
import { Form, Select, Switch } from 'antd';
import { useState } from 'react';
import { useWords } from '../i18n/language.tsx';
import { Failure } from '../shell/failure.tsx';
import { Mark } from '../shell/mark.tsx';
import { ChannelEditor } from './channel-editor.tsx';
import { ChannelTest } from './channel-test.tsx';
import { Deliveries } from './deliveries.tsx';
import { PersonEditor } from './person-editor.tsx';
import { freeId, StepEditor } from './step-editor.tsx';
import { RowTable } from './row-table.tsx';
import { useNoticeSettings, useSaveNotices, withRow } from './use-notice-settings.ts';
import { Loading } from '../shell/loading.tsx';

type Editing =
  | { readonly what: 'channel'; readonly row: NoticeChannel | 'new' }
  | { readonly what: 'person'; readonly row: NoticePerson }
  | { readonly what: 'step'; readonly row: NoticeStep | 'new' }
  | { readonly what: 'test'; readonly row: NoticeChannel };

/** Who is told of an alarm: channels, people, steps, and what was sent. */
export function NoticesRoom() {
  const words = useWords();
  const t = words.notices;
  const held = useNoticeSettings();
  const [editing, setEditing] = useState<Editing>();
  const close = () => setEditing(undefined);
  const save = useSaveNotices(close);
  if (!held.data) {
    return held.error ? <Failure error={held.error} onRetry={() => void held.refetch()} /> : <Loading page />;
  }
  const { settings, states } = held.data;
  const { channels, people, steps } = settings;
  const put = (more: Partial<NoticeSettings>) => save.mutate({ settings: { ...settings, ...more } });
  const without = <R extends { readonly id: string }>(rows: readonly R[], id: string) => rows.filter((row) => row.id !== id);
  const names = (ids: readonly string[], rows: readonly { readonly id: string; readonly name: string }[]) =>
    ids.map((id) => rows.find((row) => row.id === id)?.name ?? id).join(words.overview.listSeparator);
  const stateOf = (channel: NoticeChannel) => {
    const state = states.find((each) => each.channel === channel.id);
    if (!channel.enabled) return <span className="quiet">{`○ ${t.disabled}`}</span>;
    if (!state) return null;
    const parts = [t.circuit[state.circuit], ...(state.waiting > 0 ? [t.waiting(state.waiting)] : [])];
    if (state.lastFailure) parts.push(t.lastFailure(state.lastFailure));
    return <Mark good={state.circuit === 'closed' && !state.lastFailure}>{parts.join(' · ')}</Mark>;
  };
  const priorities = alarmPriorities.map((value) => ({ value, label: t.priority[value] }));
  const editor = { error: save.error, saving: save.isPending, onClose: close };
  const start = (next: Editing) => {
    save.reset();
    setEditing(next);
  };
  return (
    <div className="notices-room">
      <p className="help">{t.help}</p>
      {save.error && !editing && <Failure error={save.error} />}
      <RowTable<NoticeChannel>
        title={t.channels}
        add={t.addChannel}
        rows={channels}
        nameOf={({ name }) => name}
        onAdd={() => start({ what: 'channel', row: 'new' })}
        onEdit={(row) => start({ what: 'channel', row })}
        onRemove={({ id }) =>
          put({
            channels: without(channels, id),
            steps: steps.flatMap((step) => {
              const left = step.channels.filter((each) => each !== id);
              return left.length === 0 ? [] : [{ ...step, channels: left }];
            }),
          })
        }
        more={(row) => ({ label: t.test, name: t.testOf(row.name), act: () => start({ what: 'test', row }) })}
        columns={[
          { title: t.name, dataIndex: 'name' },
          { title: t.kind, key: 'kind', render: (_, { kind }) => t.kinds[kind] },
          { title: t.state, key: 'state', render: (_, row) => stateOf(row) },
        ]}
      />
      <RowTable<NoticePerson>
        title={t.people}
        add={t.addPerson}
        rows={people}
        nameOf={({ name }) => name}
        onAdd={() => start({ what: 'person', row: { id: freeId('person', people), name: '' } })}
        onEdit={(row) => start({ what: 'person', row })}
        onRemove={({ id }) =>
          put({
            people: without(people, id),
            steps: steps.map((step) => ({ ...step, people: step.people.filter((each) => each !== id) })),
          })
        }
        columns={[
          { title: t.name, dataIndex: 'name' },
          { title: t.phone, key: 'phone', render: (_, { phone, email }) => phone ?? (email ? '—' : t.noRoute) },
          { title: t.email, dataIndex: 'email', responsive: ['sm'] },
        ]}
      />
      <RowTable<NoticeStep>
        title={t.steps}
        add={t.addStep}
        rows={steps}
        nameOf={({ id }) => id}
        onAdd={() => start({ what: 'step', row: 'new' })}
        onEdit={(row) => start({ what: 'step', row })}
        onRemove={({ id }) => put({ steps: without(steps, id) })}
        columns={[
          {
            title: t.priorities,
            key: 'priorities',
            render: (_, step) => step.priorities.map((priority) => t.priority[priority]).join(words.overview.listSeparator),
          },
          { title: t.afterMin, key: 'after', render: (_, { afterMin }) => (afterMin === 0 ? t.atOnce : t.after(afterMin)) },
          { title: t.channels, key: 'channels', render: (_, step) => names(step.channels, channels) },
          { title: t.people, key: 'people', responsive: ['sm'], render: (_, step) => names(step.people, people) },
          {
            title: t.repeats,
            key: 'repeats',
            responsive: ['md'],
            render: (_, { repeatMin, repeats }) => (repeatMin > 0 && repeats > 0 ? t.repeated(repeatMin, repeats) : t.once),
          },
        ]}
      />
      <section>
        <h2>{t.rules}</h2>
        <Form layout="vertical" className="room-form">
          <Form.Item label={t.quiet} extra={t.quietHelp} htmlFor="notice-quiet">
            <Select
              id="notice-quiet"
              mode="multiple"
              value={settings.quiet}
              onChange={(quiet) => put({ quiet })}
              options={priorities}
              loading={save.isPending}
            />
          </Form.Item>
          <Form.Item label={t.tellCleared} htmlFor="notice-cleared">
            <Switch
              id="notice-cleared"
              checked={settings.tellCleared}
              onChange={(tellCleared) => put({ tellCleared })}
              aria-label={t.tellCleared}
            />
          </Form.Item>
        </Form>
      </section>
      <section>
        <h2>{t.log}</h2>
        <Deliveries channels={channels} />
      </section>
      {editing?.what === 'channel' && (
        <ChannelEditor
          {...editor}
          channel={editing.row}
          taken={channels.map(({ id }) => id)}
          held={states.find(({ channel }) => editing.row !== 'new' && channel === editing.row.id)?.secrets ?? []}
          onSave={(channel, secrets) => save.mutate({ settings: { ...settings, channels: withRow(channels, channel) }, secrets })}
        />
      )}
      {editing?.what === 'person' && (
        <PersonEditor {...editor} person={editing.row} onSave={(row) => put({ people: withRow(people, row) })} />
      )}
      {editing?.what === 'step' && (
        <StepEditor {...editor} step={editing.row} settings={settings} onSave={(row) => put({ steps: withRow(steps, row) })} />
      )}
      {editing?.what === 'test' && <ChannelTest channel={editing.row} people={people} onClose={close} />}
    </div>
  );
}
