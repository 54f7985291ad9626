import { BellOutlined } from '@ant-design/icons';
import { useQuery } from '@tanstack/react-query';
import { Badge, Button, Popover } from 'antd';
import { useState } from 'react';
import { useLanguage } from '../i18n/language.tsx';
import { useHallApi, useOverview } from '../live/hall-data.ts';
import { timeText, zoneOf } from '../time/hall-clock.ts';
import { readSeen, rememberSeen, unseen } from './seen.ts';

/** What the hall has to say on the console, newest first; the number is what was not looked at in this browser. */
export function NoticeBell() {
  const { language, words } = useLanguage();
  const t = words.notices;
  const api = useHallApi();
  const { data: overview } = useOverview();
  const notices = useQuery({ queryKey: ['notices'], queryFn: () => api.consoleNotices() });
  const [seen, setSeen] = useState(readSeen);
  const rows = notices.data ?? [];
  const count = unseen(rows, seen);
  const look = (open: boolean) => {
    if (open) return;
    const newest = rows[0]?.seq ?? seen;
    rememberSeen(newest);
    setSeen(newest);
  };
  const list =
    rows.length === 0 ? (
      <p className="quiet">{t.bellNone}</p>
    ) : (
      <ul className="notice-list">
        {rows.map((row) => (
          <li key={row.seq} className={row.seq > seen ? 'new' : undefined}>
            <time className="number">{timeText(row.at, zoneOf(overview), 'minute')}</time>{' '}
            <span className={row.what === 'cleared' ? 'quiet' : 'cause'}>
              {row.what === 'cleared' ? t.whats.cleared : (t.priority[row.priority] ?? '')}
            </span>{' '}
            {row.title[language]}
            {row.what !== 'cleared' && <div className="quiet">{row.firstStep[language]}</div>}
          </li>
        ))}
      </ul>
    );
  return (
    <Popover trigger="click" placement="bottomRight" title={t.title} content={list} onOpenChange={look}>
      <Button type="text" aria-label={t.bell(count)} data-testid="notice-bell">
        <Badge count={count} size="small">
          <BellOutlined aria-hidden className="bell" />
        </Badge>
      </Button>
    </Popover>
  );
}
