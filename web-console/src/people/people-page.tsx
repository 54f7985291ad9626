import { roles, type PersonView, type Role } from '@hall/contracts';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Button, Form, Input, Modal, Popconfirm, Select, Table, type TableColumnsType } from 'antd';
import { useState } from 'react';
import { peopleApi } from '../api/hall-api.ts';
import { useWords } from '../i18n/language.tsx';
import { useOverview } from '../live/hall-data.ts';
import { Failure } from '../shell/failure.tsx';
import { Mark } from '../shell/mark.tsx';
import { SecretOnce } from '../shell/secret-once.tsx';
import { useFailureMessage } from '../shell/use-failure-message.ts';
import { timeText, zoneOf } from '../time/hall-clock.ts';
import { useWallNow } from '../time/ticking.ts';

interface Entry {
  name: string;
  display: string;
  roles: Role[];
}
type Shown = { name: string; password: string };

function PersonEditor({
  person,
  onClose,
  onSecret,
}: {
  person: PersonView | 'new';
  onClose: () => void;
  onSecret: (secret: Shown) => void;
}) {
  const words = useWords();
  const t = words.people;
  const client = useQueryClient();
  const held = person === 'new' ? undefined : person;
  const save = useMutation({
    mutationFn: async (entry: Entry): Promise<Shown | undefined> => {
      if (held) {
        await peopleApi.changePerson(held.name, { display: entry.display, roles: entry.roles });
        return undefined;
      }
      const { password } = await peopleApi.addPerson(entry);
      return { name: entry.display, password };
    },
    onSuccess: async (secret) => {
      onClose();
      if (secret) onSecret(secret);
      await client.invalidateQueries({ queryKey: ['people'] });
    },
  });
  return (
    <Modal open title={held ? t.edit(held.display) : t.add} footer={null} onCancel={onClose}>
      {save.error && <Failure error={save.error} />}
      <Form<Entry>
        layout="vertical"
        requiredMark={false}
        initialValues={held ?? { roles: ['operator'] }}
        onFinish={(entry) => save.mutate(entry)}
      >
        <Form.Item
          name="name"
          label={t.name}
          extra={held ? undefined : words.signIn.nameRule}
          rules={[{ required: true, pattern: /^[a-z][a-z0-9._-]{1,31}$/, message: words.signIn.nameRule }]}
        >
          <Input
            readOnly={held !== undefined}
            autoFocus
            autoComplete="off"
            autoCapitalize="none"
            spellCheck={false}
            maxLength={32}
          />
        </Form.Item>
        <Form.Item name="display" label={t.display} rules={[{ required: true, message: words.form.required }]}>
          <Input maxLength={40} autoComplete="off" />
        </Form.Item>
        <Form.Item name="roles" label={t.roles} rules={[{ required: true, message: words.form.required }]}>
          <Select mode="multiple" options={roles.map((role) => ({ value: role, label: words.role[role] }))} />
        </Form.Item>
        <div className="form-actions">
          <Button onClick={onClose}>{words.common.cancel}</Button>
          <Button type="primary" htmlType="submit" loading={save.isPending}>
            {words.common.save}
          </Button>
        </div>
      </Form>
    </Modal>
  );
}

/** Who may sign in and as what; added, disabled and reset here. Nobody is ever deleted: the audit names them. */
export default function PeoplePage() {
  const words = useWords();
  const t = words.people;
  const client = useQueryClient();
  const tell = useFailureMessage();
  const wall = useWallNow();
  const { data: overview } = useOverview();
  const zone = zoneOf(overview);
  const people = useQuery({ queryKey: ['people'], queryFn: peopleApi.people });
  const [editing, setEditing] = useState<PersonView | 'new'>();
  const [secret, setSecret] = useState<Shown>();
  const reread = () => client.invalidateQueries({ queryKey: ['people'] });
  const change = useMutation({
    mutationFn: ({ name, disabled }: PersonView) => peopleApi.changePerson(name, { disabled: !disabled }),
    onError: tell,
    onSettled: reread,
  });
  const reset = useMutation({
    mutationFn: ({ name }: PersonView) => peopleApi.resetPerson(name),
    onSuccess: ({ person, password }) => setSecret({ name: person.display, password }),
    onError: tell,
    onSettled: reread,
  });
  const status = (person: PersonView) => {
    if (person.disabled) return <span className="quiet">{`○ ${t.disabled}`}</span>;
    const { lockedUntil } = person;
    if (lockedUntil !== null && lockedUntil > wall)
      return <Mark good={false}>{t.locked(timeText(lockedUntil, zone, 'minute'))}</Mark>;
    return <Mark good>{t.active}</Mark>;
  };
  const time = (ms: number | null) => (ms === null ? words.common.never : timeText(ms, zone, 'full'));
  const columns: TableColumnsType<PersonView> = [
    { title: t.display, dataIndex: 'display' },
    { title: t.name, dataIndex: 'name' },
    {
      title: t.roles,
      key: 'roles',
      responsive: ['sm'],
      render: (_, person) => person.roles.map((role) => words.role[role]).join(words.overview.listSeparator),
    },
    { title: t.status, key: 'status', render: (_, person) => status(person) },
    { title: t.lastSignIn, key: 'last', responsive: ['md'], render: (_, person) => time(person.lastSignInAt) },
    { title: t.created, key: 'created', responsive: ['lg'], render: (_, person) => time(person.createdAt) },
    {
      title: words.common.actions,
      key: 'actions',
      render: (_, person) => (
        <span className="row-actions">
          <Button type="link" className="cell-link" aria-label={t.edit(person.display)} onClick={() => setEditing(person)}>
            {words.common.edit}
          </Button>
          <Popconfirm title={t.resetAsk(person.display)} onConfirm={() => reset.mutate(person)}>
            <Button type="link" className="cell-link" aria-label={`${t.reset} ${person.display}`}>
              {t.reset}
            </Button>
          </Popconfirm>
          {person.disabled ? (
            <Button
              type="link"
              className="cell-link"
              aria-label={`${t.enable} ${person.display}`}
              onClick={() => change.mutate(person)}
            >
              {t.enable}
            </Button>
          ) : (
            <Popconfirm title={t.disableAsk(person.display)} onConfirm={() => change.mutate(person)}>
              <Button type="link" className="cell-link" aria-label={`${t.disable} ${person.display}`}>
                {t.disable}
              </Button>
            </Popconfirm>
          )}
        </span>
      ),
    },
  ];
  return (
    <>
      <h1>{t.title}</h1>
      <div className="filters">
        <Button type="primary" onClick={() => setEditing('new')}>
          {t.add}
        </Button>
      </div>
      {people.error && <Failure error={people.error} onRetry={() => void people.refetch()} />}
      <Table<PersonView>
        rowKey="name"
        size="small"
        columns={columns}
        dataSource={people.data ?? []}
        loading={people.isPending}
        pagination={{ defaultPageSize: 50, hideOnSinglePage: true, showSizeChanger: false }}
        locale={{ emptyText: words.common.empty }}
      />
      {editing && <PersonEditor person={editing} onClose={() => setEditing(undefined)} onSecret={setSecret} />}
      <SecretOnce
        title={t.secretTitle}
        help={t.secretHelp(secret?.name ?? '')}
        secret={secret?.password}
        onClose={() => setSecret(undefined)}
      />
    </>
  );
}
