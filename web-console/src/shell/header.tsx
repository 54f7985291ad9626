import { DownOutlined } from '@ant-design/icons';
import { useMutation } from '@tanstack/react-query';
import { Button, Dropdown, Modal } from 'antd';
import { useState } from 'react';
import { useLocation } from 'wouter';
import { peopleApi } from '../api/hall-api.ts';
import { named, tags, useLanguage } from '../i18n/language.tsx';
import { useOverview } from '../live/hall-data.ts';
import { ChangePasswordForm } from '../sign-in/change-password-form.tsx';
import { dayText, timeText } from '../time/hall-clock.ts';
import { useHallNow } from '../time/ticking.ts';
import { AlarmBadge } from '../alarms/alarm-lines.tsx';
import { LanguageButton } from './language-button.tsx';
import { useMay, useMe } from './me.ts';
import { NoticeBell } from '../notices/notice-bell.tsx';

function HallTime() {
  const { language, words } = useLanguage();
  const { data } = useOverview();
  const now = useHallNow();
  if (!data || now === undefined) return null;
  const { hall } = data;
  const next = hall.nextChangeAt;
  return (
    <div className="hall-time">
      <time className="hall-clock" aria-label={words.shell.hallTime} dateTime={new Date(now).toISOString()} role="timer">
        {timeText(now, hall.zone, 'clock')}
      </time>
      <span className="hall-day">{dayText(now, hall.zone, tags[language])}</span>
      <span className="hall-phase" data-testid="phase">
        {words.phase[hall.phase]}
        {next !== null && <span className="quiet">{` · ${words.shell.nextChange(timeText(next, hall.zone, 'minute'))}`}</span>}
      </span>
      <span className={data.feed.fresh ? 'quiet' : 'stale'}>
        {data.feed.fresh ? words.shell.feedFresh : `▲ ${words.shell.feedStaleShort}`}
      </span>
      {hall.simulation && (
        <span className="quiet">
          {hall.speed === 1 ? words.shell.simulation : `${words.shell.simulation} · ${words.shell.speed(hall.speed)}`}
        </span>
      )}
    </div>
  );
}

/** Which hall, what time it is there, and who is signed in. */
export function Header({ onLeft }: { onLeft: () => void }) {
  const { language, words } = useLanguage();
  const me = useMe();
  const { data } = useOverview();
  const [, go] = useLocation();
  const seesNotices = useMay('device.view');
  const [changing, setChanging] = useState(false);
  const signOut = useMutation({
    mutationFn: peopleApi.signOut,
    onSettled: () => {
      // The next person may not be allowed into this room.
      go('/', { replace: true });
      onLeft();
    },
  });
  const choose = ({ key }: { key: string }) => {
    if (key === 'sessions') go('/sessions');
    else if (key === 'password') setChanging(true);
    else signOut.mutate();
  };
  return (
    <header className="top">
      <span className="hall-name">{data ? named(data.hall, language) : words.common.product}</span>
      <HallTime />
      <div className="top-end">
        <AlarmBadge />
        {seesNotices && <NoticeBell />}
        <LanguageButton />
        <Dropdown
          trigger={['click']}
          menu={{
            onClick: choose,
            items: [
              { key: 'roles', disabled: true, label: me.roles.map((role) => words.role[role]).join(' · ') },
              { key: 'sessions', label: words.shell.sessions },
              { key: 'password', label: words.shell.changePassword },
              { type: 'divider' },
              { key: 'out', label: words.shell.signOut },
            ],
          }}
        >
          <Button type="text" aria-label={`${words.shell.account} ${me.display}`} data-testid="account">
            {me.display} <DownOutlined aria-hidden />
          </Button>
        </Dropdown>
      </div>
      <Modal open={changing} title={words.shell.changePassword} footer={null} onCancel={() => setChanging(false)} destroyOnHidden>
        <ChangePasswordForm onChanged={() => setChanging(false)} />
      </Modal>
    </header>
  );
}
