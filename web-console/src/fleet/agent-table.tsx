import { ID_PATTERN, type AgentCondition, type AgentStatus, type AgentView } from '@hall/contracts';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { Button, Form, Input, Modal, Popconfirm, Table, type TableColumnsType } from 'antd';
import { useState } from 'react';
import { AgentCommands } from '../devices/commands/agent-commands.tsx';
import { useWords } from '../i18n/language.tsx';
import { useAgents, useHallApi, useOverview } from '../live/hall-data.ts';
import { Failure } from '../shell/failure.tsx';
import { Mark } from '../shell/mark.tsx';
import { useMay } from '../shell/me.ts';
import { SecretOnce } from '../shell/secret-once.tsx';
import { useFailureMessage } from '../shell/use-failure-message.ts';
import { ageText } from '../time/age.ts';
import { timeText, zoneOf } from '../time/hall-clock.ts';
import { useWallNow } from '../time/ticking.ts';
import { AgentDetails } from './agent-details.tsx';
import { keysByAgent, useRereadFleet, useSecurity } from './use-fleet.ts';

const idRule = new RegExp(ID_PATTERN);

function AddAgent({ onAdded }: { onAdded: (secret: string) => void }) {
  const words = useWords();
  const t = words.devices;
  const api = useHallApi();
  const client = useQueryClient();
  const [open, setOpen] = useState(false);
  const add = useMutation({
    mutationFn: (agent: string) => api.addAgent(agent),
    onSuccess: ({ password }) => {
      setOpen(false);
      onAdded(password);
      void client.invalidateQueries({ queryKey: ['agents'] });
    },
  });
  return (
    <>
      <Button onClick={() => setOpen(true)}>{t.addAgent}</Button>
      <Modal open={open} title={t.addAgent} footer={null} onCancel={() => setOpen(false)} destroyOnHidden>
        <p className="help">{t.addAgentHelp}</p>
        {add.error && <Failure error={add.error} />}
        <Form<{ agent: string }> layout="vertical" requiredMark={false} onFinish={({ agent }) => add.mutate(agent.trim())}>
          <Form.Item
            name="agent"
            label={t.agentId}
            extra={t.idRule}
            rules={[{ required: true, pattern: idRule, message: t.idRule }]}
          >
            <Input autoFocus autoCapitalize="none" spellCheck={false} maxLength={32} />
          </Form.Item>
          <Button type="primary" htmlType="submit" block loading={add.isPending}>
            {t.addAgent}
          </Button>
        </Form>
      </Modal>
    </>
  );
}

const TENTHS = 10;
/** In seconds to a tenth; what rounds to nothing has no sign. */
const skewText = (status: AgentStatus | null, text: (s: string) => string): string => {
  const ms = status?.clock.skewMs;
  return ms === undefined ? '—' : text(((Math.round((ms / 1000) * TENTHS) || 0) / TENTHS).toFixed(1));
};

/** What gives reason to care about an agent, each since when. */
function Conditions({ conditions, known, wall }: { conditions: readonly AgentCondition[]; known: boolean; wall: number }) {
  const words = useWords();
  const t = words.devices;
  if (conditions.length === 0) return known ? <Mark good>{t.noCondition}</Mark> : <>—</>;
  return (
    <>
      {conditions.map(({ type, since }) => (
        <div key={type}>
          <Mark good={false}>
            {t.conditions[type]}
            <span className="quiet"> {t.since(ageText(wall - since, words.age))}</span>
          </Mark>
        </div>
      ))}
    </>
  );
}

/** The agents of the hall: whether they are there, what they can drive, and how to admit another. */
export function AgentTable() {
  const words = useWords();
  const t = words.devices;
  const agents = useAgents();
  const api = useHallApi();
  const wall = useWallNow();
  const mayAdmit = useMay('agent.admit');
  const mayCommand = useMay('device.command');
  const tell = useFailureMessage();
  const client = useQueryClient();
  const reread = useRereadFleet();
  const { data: security } = useSecurity();
  const zone = zoneOf(useOverview().data);
  const keys = keysByAgent(security?.keys ?? []);
  const [secret, setSecret] = useState<string>();
  const renew = useMutation({
    mutationFn: (agent: string) => api.addAgent(agent),
    onSuccess: ({ password }) => setSecret(password),
    onError: tell,
  });
  const remove = useMutation({
    mutationFn: (agent: string) => api.removeAgent(agent),
    onError: tell,
    onSettled: () => client.invalidateQueries({ queryKey: ['agents'] }),
  });
  const revoke = useMutation({ mutationFn: (agent: string) => api.revokeAgent(agent), onError: tell, onSettled: reread });
  if (agents.error && !agents.data) return <Failure error={agents.error} onRetry={() => void agents.refetch()} />;
  const columns: TableColumnsType<AgentView> = [
    { title: t.agent, dataIndex: 'id' },
    {
      title: t.presence,
      key: 'presence',
      render: (_, { presence, since }) => (
        <Mark good={presence === 'online'}>
          {(words.presence as Record<string, string>)[presence] ?? presence}
          {since !== null && <span className="quiet"> {t.since(ageText(wall - since, words.age))}</span>}
        </Mark>
      ),
    },
    {
      title: t.condition,
      key: 'condition',
      render: (_, { conditions, statusAt }) => <Conditions conditions={conditions} known={statusAt !== null} wall={wall} />,
    },
    { title: t.skew, key: 'skew', responsive: ['lg'], align: 'right', render: (_, { status }) => skewText(status, t.skewOf) },
    {
      title: t.version,
      key: 'version',
      responsive: ['md'],
      render: (_, { version, status }) => status?.version ?? version ?? '—',
    },
    { title: t.deviceCount, dataIndex: 'devices', align: 'right' },
    {
      title: words.fleet.until,
      key: 'until',
      responsive: ['sm'],
      render: (_, { id }) => {
        const key = keys.get(id);
        if (!key && security?.passwords.includes(id)) return <span className="quiet">{words.fleet.noKey}</span>;
        if (!key) return security && <Mark good={false}>{words.fleet.revoked}</Mark>;
        return key.until === null ? words.fleet.notFetched : timeText(key.until, zone, 'full').slice(0, 10);
      },
    },
    ...(mayAdmit || mayCommand
      ? [
          {
            title: words.common.actions,
            key: 'actions',
            render: (_: unknown, { id }: AgentView) => (
              <span className="row-actions">
                {mayCommand && <AgentCommands agent={id} />}
                {mayAdmit && (
                  <>
                    <Popconfirm title={t.renewAsk} onConfirm={() => renew.mutate(id)}>
                      <Button type="link" className="cell-link" aria-label={`${t.renew} ${id}`}>
                        {t.renew}
                      </Button>
                    </Popconfirm>
                    <Popconfirm title={words.fleet.revokeAsk(id)} onConfirm={() => revoke.mutate(id)}>
                      <Button type="link" className="cell-link" aria-label={`${words.fleet.revoke} ${id}`}>
                        {words.fleet.revoke}
                      </Button>
                    </Popconfirm>
                    <Popconfirm title={t.removeAsk(id)} onConfirm={() => remove.mutate(id)}>
                      <Button type="link" className="cell-link" aria-label={`${t.remove} ${id}`}>
                        {t.remove}
                      </Button>
                    </Popconfirm>
                  </>
                )}
              </span>
            ),
          },
        ]
      : []),
  ];
  return (
    <>
      {mayAdmit && (
        <div className="filters">
          <AddAgent onAdded={setSecret} />
        </div>
      )}
      <Table<AgentView>
        rowKey="id"
        size="small"
        columns={columns}
        dataSource={agents.data ? [...agents.data] : []}
        loading={agents.isPending}
        pagination={false}
        expandable={{ expandedRowRender: (agent) => <AgentDetails agent={agent} keyView={keys.get(agent.id)} /> }}
        locale={{ emptyText: t.noAgents }}
      />
      <SecretOnce title={t.secretTitle} help={t.secretHelp} secret={secret} onClose={() => setSecret(undefined)} />
    </>
  );
}
