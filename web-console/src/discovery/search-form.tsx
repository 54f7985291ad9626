import type { DiscoveryView, SearchRequest } from '@hall/contracts';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { Alert, Button, Checkbox, Collapse, Form, Input, Progress } from 'antd';
import { codeText } from '../api/failure.ts';
import { useLanguage } from '../i18n/language.tsx';
import { useAgents, useHallApi } from '../live/hall-data.ts';
import { Failure } from '../shell/failure.tsx';
import { ageText } from '../time/age.ts';
import { useWallNow } from '../time/ticking.ts';
import { portsOf, rangesOf } from './search-text.ts';
import { discoveryKey } from './use-discovery.ts';

interface Values {
  readonly agents: string[];
  readonly ranges?: string;
  readonly ports?: string;
}

/** How far the newest search of each agent is. */
function Searches({ searches }: { searches: DiscoveryView['searches'] }) {
  const { language, words } = useLanguage();
  const t = words.discovery;
  const wall = useWallNow();
  return (
    <ul className="plain" aria-label={t.searching}>
      {searches.map(({ id, agent, by, startedAt, state, code, asked, toAsk, found }) => (
        <li key={id}>
          <div role={state === 'running' ? undefined : 'status'}>
            <strong>{agent}</strong> {t.searchState[state]} · {t.foundCount(found)} · {t.progress(asked, toAsk)}
            {code !== null && <span className="cause"> {codeText(code, language)}</span>}
            <span className="quiet"> {t.by(by, ageText(wall - startedAt, words.age))}</span>
          </div>
          {state === 'running' && (
            <Progress
              aria-label={`${agent} ${t.searching}`}
              percent={toAsk === 0 ? 0 : Math.min(100, Math.round((100 * asked) / toAsk))}
              showInfo={false}
              size="small"
            />
          )}
        </li>
      ))}
    </ul>
  );
}

/** Which agents search, and where; and how far they are. */
export function SearchForm({ searches }: { searches: DiscoveryView['searches'] }) {
  const { words } = useLanguage();
  const t = words.discovery;
  const api = useHallApi();
  const client = useQueryClient();
  const agents = useAgents();
  const online = (agents.data ?? []).filter(({ presence }) => presence === 'online').map(({ id }) => id);
  const running = searches.some(({ state }) => state === 'running');
  const search = useMutation({
    mutationFn: (body: SearchRequest) => api.search(body),
    onSuccess: (view) => client.setQueryData<DiscoveryView>(discoveryKey, view),
  });
  const submit = ({ agents: chosen, ranges = '', ports = '' }: Values) => {
    const [where, at] = [rangesOf(ranges), portsOf(ports)];
    search.mutate({
      agents: chosen,
      ...(where && where !== 'none' ? { ranges: where } : {}),
      ...(at && at !== 'none' ? { ports: at } : {}),
    });
  };
  const checked = (read: (text: string) => unknown, wrong: string) => ({
    validator: (_: unknown, text: string = '') =>
      read(text) === undefined ? Promise.reject(new Error(wrong)) : Promise.resolve(),
  });
  // As a validator: "required" would put an attribute on the group that its role does not know.
  const someAgent = {
    validator: (_: unknown, chosen: readonly string[] = []) =>
      chosen.length === 0 ? Promise.reject(new Error(t.agents)) : Promise.resolve(),
  };
  if (agents.data && online.length === 0) return <Alert type="warning" showIcon title={t.noAgents} />;
  return (
    <>
      {search.error && <Failure error={search.error} />}
      {agents.data && (
        <Form<Values> layout="vertical" requiredMark={false} initialValues={{ agents: online }} onFinish={submit}>
          <Form.Item name="agents" label={t.agents} rules={[someAgent]}>
            <Checkbox.Group options={online} />
          </Form.Item>
          <Collapse
            ghost
            size="small"
            items={[
              {
                key: 'more',
                label: t.more,
                forceRender: true,
                children: (
                  <>
                    <Form.Item name="ranges" label={t.ranges} extra={t.rangesHelp} rules={[checked(rangesOf, t.rangesWrong)]}>
                      <Input maxLength={300} spellCheck={false} />
                    </Form.Item>
                    <Form.Item name="ports" label={t.ports} extra={t.portsHelp} rules={[checked(portsOf, t.portsWrong)]}>
                      <Input maxLength={60} spellCheck={false} />
                    </Form.Item>
                  </>
                ),
              },
            ]}
          />
          <Button type="primary" htmlType="submit" loading={search.isPending || running}>
            {running ? t.searching : t.search}
          </Button>
        </Form>
      )}
      <Searches searches={searches} />
    </>
  );
}
