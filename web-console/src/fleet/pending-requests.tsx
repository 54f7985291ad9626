import type { EnrolmentView } from '@hall/contracts';
import { useMutation } from '@tanstack/react-query';
import { Button, Popconfirm, Table, type TableColumnsType } from 'antd';
import { useState } from 'react';
import { useWords } from '../i18n/language.tsx';
import { useHallApi } from '../live/hall-data.ts';
import { Failure } from '../shell/failure.tsx';
import { Mark } from '../shell/mark.tsx';
import { useFailureMessage } from '../shell/use-failure-message.ts';
import { ageText } from '../time/age.ts';
import { useWallNow } from '../time/ticking.ts';
import { AdmitDialog } from './admit-dialog.tsx';
import { useEnrolments, useRereadFleet } from './use-fleet.ts';

/** New agents that wait for a person; nothing is shown while nobody waits. */
export function PendingRequests() {
  const words = useWords();
  const t = words.fleet;
  const api = useHallApi();
  const wall = useWallNow();
  const tell = useFailureMessage();
  const reread = useRereadFleet();
  const requests = useEnrolments(true);
  const [opened, setOpened] = useState<EnrolmentView>();
  const reject = useMutation({ mutationFn: (id: string) => api.rejectAgent(id), onError: tell, onSettled: reread });
  if (requests.error && !requests.data) return <Failure error={requests.error} onRetry={() => void requests.refetch()} />;
  const rows = requests.data ?? [];
  if (rows.length === 0 && !opened) return <p className="help">{t.noRequests}</p>;
  const columns: TableColumnsType<EnrolmentView> = [
    { title: t.code, key: 'code', render: (_, { code }) => <span className="code-text">{code}</span> },
    {
      title: t.wish,
      key: 'wish',
      render: (_, { wish, takesOver }) => (takesOver ? <Mark good={false}>{t.takesOver(wish ?? '')}</Mark> : (wish ?? '—')),
    },
    { title: t.host, dataIndex: 'host', responsive: ['sm'] },
    { title: t.address, dataIndex: 'address', responsive: ['md'] },
    { title: t.version, dataIndex: 'version', responsive: ['lg'] },
    { title: t.asked, key: 'asked', responsive: ['md'], render: (_, { askedAt }) => ageText(wall - askedAt, words.age) },
    {
      title: words.common.actions,
      key: 'actions',
      render: (_, request) => (
        <span className="row-actions">
          <Button type="primary" size="small" aria-label={`${t.admit} ${request.code}`} onClick={() => setOpened(request)}>
            {t.admit}
          </Button>
          <Popconfirm title={t.rejectAsk(request.code)} onConfirm={() => reject.mutate(request.id)}>
            <Button type="link" className="cell-link" aria-label={`${t.reject} ${request.code}`}>
              {t.reject}
            </Button>
          </Popconfirm>
        </span>
      ),
    },
  ];
  return (
    <section aria-label={t.requests} className="fleet-requests">
      <h2>{t.requests}</h2>
      <Table<EnrolmentView>
        rowKey="id"
        size="small"
        columns={columns}
        dataSource={[...rows]}
        pagination={{ defaultPageSize: 20, hideOnSinglePage: true, showSizeChanger: false }}
      />
      {opened && (
        <AdmitDialog
          request={opened}
          onClose={() => {
            setOpened(undefined);
            reread();
          }}
        />
      )}
    </section>
  );
}
