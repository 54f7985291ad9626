import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Button, Table, type TableColumnsType } from 'antd';
import { peopleApi, type Session } from '../api/hall-api.ts';
import { useWords } from '../i18n/language.tsx';
import { useOverview } from '../live/hall-data.ts';
import { Failure } from '../shell/failure.tsx';
import { useFailureMessage } from '../shell/use-failure-message.ts';
import { ageText } from '../time/age.ts';
import { timeText, zoneOf } from '../time/hall-clock.ts';
import { useWallNow } from '../time/ticking.ts';
import { browserName } from './browser-name.ts';

/** The sign-ins of the own account; any other than this one can be ended. */
export default function SessionsPage() {
  const words = useWords();
  const t = words.sessions;
  const client = useQueryClient();
  const tell = useFailureMessage();
  const wall = useWallNow();
  const { data: overview } = useOverview();
  const sessions = useQuery({ queryKey: ['sessions'], queryFn: peopleApi.sessions });
  const end = useMutation({
    mutationFn: peopleApi.endSession,
    onError: tell,
    onSettled: () => client.invalidateQueries({ queryKey: ['sessions'] }),
  });
  const columns: TableColumnsType<Session> = [
    {
      title: t.agent,
      key: 'agent',
      render: (_, session) => (
        <span title={session.agent}>
          {browserName(session.agent)}
          {session.current && <strong>{` · ${t.current}`}</strong>}
        </span>
      ),
    },
    { title: t.address, dataIndex: 'address' },
    {
      title: t.created,
      key: 'created',
      responsive: ['sm'],
      render: (_, { createdAt }) => timeText(createdAt, zoneOf(overview), 'full'),
    },
    { title: t.lastSeen, key: 'seen', render: (_, { lastSeenAt }) => ageText(wall - lastSeenAt, words.age) },
    {
      title: words.common.actions,
      key: 'actions',
      render: (_, session) =>
        !session.current && (
          <Button
            type="link"
            className="cell-link"
            aria-label={`${t.end} ${session.address}`}
            onClick={() => end.mutate(session.id)}
          >
            {t.end}
          </Button>
        ),
    },
  ];
  return (
    <>
      <h1>{t.title}</h1>
      <p className="help">{t.help}</p>
      {sessions.error && <Failure error={sessions.error} onRetry={() => void sessions.refetch()} />}
      <Table<Session>
        rowKey="id"
        size="small"
        columns={columns}
        dataSource={sessions.data ?? []}
        loading={sessions.isPending}
        pagination={false}
      />
    </>
  );
}
