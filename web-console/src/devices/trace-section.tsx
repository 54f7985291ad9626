import type { DeviceView, TracedFrame } from '@hall/contracts';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Button, InputNumber, Table } from 'antd';
import { useState } from 'react';
import { codeText } from '../api/failure.ts';
import { useLanguage } from '../i18n/language.tsx';
import { useHallApi, useOverview } from '../live/hall-data.ts';
import { Failure } from '../shell/failure.tsx';
import { saveFile } from '../shell/save-file.ts';
import { timeText, zoneOf } from '../time/hall-clock.ts';
import { grouped, traceFile } from './trace-file.ts';

/** While a trace grows it is read this often, ms. */
const READ_MS = 1000;
const SECONDS = 20;

/** Raw frames on request: started by hand, ends by itself. */
export function TraceSection({ device }: { device: DeviceView }) {
  const { language, words } = useLanguage();
  const t = words.devicePage;
  const api = useHallApi();
  const client = useQueryClient();
  const { data: overview } = useOverview();
  const zone = zoneOf(overview);
  const [seconds, setSeconds] = useState(SECONDS);
  const key = ['trace', 'device', device.id];
  const trace = useQuery({
    queryKey: key,
    queryFn: async () => (await api.deviceTrace(device.id)) ?? null,
    refetchInterval: (query) => (query.state.data?.state === 'running' ? READ_MS : false),
  });
  const start = useMutation({
    mutationFn: () => api.startTrace(device.id, { seconds, frames: 500 }),
    onSuccess: (begun) => client.setQueryData(key, begun),
  });
  const held = trace.data ?? undefined;
  const running = held?.state === 'running';
  const says = ({ zh, en }: TracedFrame) => (language === 'zh' ? zh : en) ?? <span className="quiet">{t.noFrame}</span>;
  return (
    <>
      <p className="help">{t.traceHelp}</p>
      {(start.error ?? trace.error) && <Failure error={start.error ?? trace.error} />}
      <div className="filters">
        <label>
          {t.traceSeconds} <InputNumber min={1} max={60} value={seconds} onChange={(value) => setSeconds(value ?? SECONDS)} />
        </label>
        <Button onClick={() => start.mutate()} loading={start.isPending || running}>
          {held ? t.traceAgain : t.traceStart}
        </Button>
        {held && (
          <span className="quiet" role="status">
            {`${t.traceState[held.state]} · ${t.traceCount(held.frames.length)}`}
            {held.code !== null && ` · ${codeText(held.code, language)}`}
          </span>
        )}
        {held && held.frames.length > 0 && (
          <Button onClick={() => saveFile(`${device.id}-frames.txt`, traceFile(held), 'text/plain')}>{t.traceDownload}</Button>
        )}
      </div>
      {held && (
        <Table<TracedFrame & { key: number }>
          size="small"
          pagination={{ defaultPageSize: 20, hideOnSinglePage: true, showSizeChanger: false }}
          dataSource={held.frames.map((frame, at) => ({ ...frame, key: at }))}
          locale={{ emptyText: t.traceEmpty }}
          columns={[
            {
              title: words.events.time,
              key: 'time',
              render: (_, { at }) => (
                <time className="number">{`${timeText(at, zone, 'clock')}.${String(Math.floor(at % 1000)).padStart(3, '0')}`}</time>
              ),
            },
            { title: '', key: 'direction', render: (_, { direction }) => t.direction[direction] },
            { title: words.events.data, key: 'says', render: (_, frame) => says(frame) },
            {
              title: 'HEX',
              key: 'hex',
              render: (_, { hex, bytes }) => (
                <>
                  <code className="hex">{grouped(hex)}</code> <span className="quiet">{t.bytes(bytes)}</span>
                </>
              ),
            },
          ]}
        />
      )}
    </>
  );
}
