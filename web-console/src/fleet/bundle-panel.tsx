import type { BundleView } from '@hall/contracts';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Button, Popconfirm, Select, Table, type TableColumnsType } from 'antd';
import { useRef, useState } from 'react';
import { useWords } from '../i18n/language.tsx';
import { takeCommands } from '../live/commands.ts';
import { queryClient, useAgents, useHallApi, useOverview } from '../live/hall-data.ts';
import { useFailureMessage } from '../shell/use-failure-message.ts';
import { timeText, zoneOf } from '../time/hall-clock.ts';

const MB = 1024 * 1024;

/** Bundles that agents are updated from: upload, delete, and update one agent. */
export function BundlePanel() {
  const words = useWords();
  const t = words.fleet;
  const api = useHallApi();
  const tell = useFailureMessage();
  const client = useQueryClient();
  const zone = zoneOf(useOverview().data);
  const agents = useAgents();
  const [agent, setAgent] = useState<string>();
  const file = useRef<HTMLInputElement>(null);
  const { data: bundles = [] } = useQuery({ queryKey: ['bundles'], queryFn: api.bundles });
  const reread = () => client.invalidateQueries({ queryKey: ['bundles'] });
  const upload = useMutation({ mutationFn: (given: Blob) => api.uploadBundle(given), onError: tell, onSettled: reread });
  const remove = useMutation({ mutationFn: (sha256: string) => api.removeBundle(sha256), onError: tell, onSettled: reread });
  const offer = useMutation({
    mutationFn: ({ sha256, agent }: { sha256: string; agent: string }) => api.offerUpdate(sha256, agent),
    onSuccess: (command) => takeCommands(queryClient, [command]),
    onError: tell,
  });
  const columns: TableColumnsType<BundleView> = [
    { title: t.version, dataIndex: 'version' },
    { title: t.made, key: 'made', render: (_, { created }) => timeText(created, zone, 'full').slice(0, 16) },
    { title: t.size, key: 'size', responsive: ['md'], align: 'right', render: (_, { size }) => `${(size / MB).toFixed(1)} MB` },
    { title: t.signedBy, key: 'key', responsive: ['lg'], render: (_, { key }) => <span className="print-text">{key}</span> },
    {
      title: words.common.actions,
      key: 'actions',
      render: (_, { sha256, version }) => (
        <span className="row-actions">
          <Popconfirm
            title={words.commands.ask.update}
            okText={words.commands.go}
            cancelText={words.common.cancel}
            disabled={agent === undefined}
            onConfirm={() => agent !== undefined && offer.mutate({ sha256, agent })}
          >
            <Button size="small" disabled={agent === undefined} aria-label={`${t.updateTo} ${version}`}>
              {t.updateTo}
            </Button>
          </Popconfirm>
          <Popconfirm title={t.removeBundleAsk(version)} onConfirm={() => remove.mutate(sha256)}>
            <Button type="link" className="cell-link" aria-label={`${words.common.remove} ${version}`}>
              {words.common.remove}
            </Button>
          </Popconfirm>
        </span>
      ),
    },
  ];
  return (
    <section aria-label={t.bundles} className="fleet-bundles">
      <h2>{t.bundles}</h2>
      <p className="help">{t.bundlesHelp}</p>
      <div className="command-buttons">
        <input
          ref={file}
          type="file"
          hidden
          aria-label={t.uploadBundle}
          onChange={({ target }) => {
            const [given] = target.files ?? [];
            if (given) upload.mutate(given);
            target.value = '';
          }}
        />
        <Button loading={upload.isPending} onClick={() => file.current?.click()}>
          {t.uploadBundle}
        </Button>
        {bundles.length > 0 && (
          <Select
            aria-label={t.agentToUpdate}
            placeholder={t.agentToUpdate}
            value={agent}
            onChange={setAgent}
            style={{ minWidth: 160 }}
            options={(agents.data ?? []).map(({ id, version }) => ({ value: id, label: `${id} ${version ?? ''}` }))}
          />
        )}
      </div>
      {bundles.length > 0 && (
        <Table<BundleView> rowKey="sha256" size="small" pagination={false} columns={columns} dataSource={bundles} />
      )}
    </section>
  );
}
