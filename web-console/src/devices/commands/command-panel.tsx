import type { CommandAct, CommandRequest, CommandView, DeviceView, OverrideView } from '@hall/contracts';
import { useMutation } from '@tanstack/react-query';
import { Button, InputNumber, Popconfirm } from 'antd';
import { useState } from 'react';
import { useLanguage, useWords } from '../../i18n/language.tsx';
import { takeCommands, type Addressee } from '../../live/commands.ts';
import { queryClient, useAgents, useHallApi, useOverview } from '../../live/hall-data.ts';
import { useCommands } from '../../live/use-commands.ts';
import { Mark } from '../../shell/mark.tsx';
import { useMay } from '../../shell/me.ts';
import { useFailureMessage } from '../../shell/use-failure-message.ts';
import { ageText } from '../../time/age.ts';
import { timeText, zoneOf } from '../../time/hall-clock.ts';
import { useWallNow } from '../../time/ticking.ts';
import { standingText } from './command-text.ts';

/** Gives a command; it stands in the lists at once. */
export function useGive() {
  const api = useHallApi();
  const tell = useFailureMessage();
  return useMutation({
    mutationFn: (request: CommandRequest) => api.giveCommand(request),
    onSuccess: (command) => takeCommands(queryClient, [command]),
    onError: tell,
  });
}

/** A button that asks before it disturbs visitors. */
export function AskedButton({
  label,
  ask,
  onGo,
  disabled = false,
}: {
  label: string;
  ask: string;
  onGo: () => void;
  disabled?: boolean;
}) {
  const words = useWords();
  return (
    <Popconfirm title={ask} okText={words.commands.go} cancelText={words.common.cancel} onConfirm={onGo} disabled={disabled}>
      <Button disabled={disabled}>{label}</Button>
    </Popconfirm>
  );
}

/** What stands over the plan of a device, and until when. */
export function Overrides({ overrides }: { overrides: readonly OverrideView[] }) {
  const t = useWords().commands;
  const zone = zoneOf(useOverview().data);
  return overrides.map(({ kind, percent, until }) => (
    <div key={kind}>
      {t.override[kind]}
      {percent === undefined ? '' : ` ${percent}%`}
      <span className="quiet"> {until === undefined ? t.untilTakenBack : t.until(timeText(until, zone, 'clock'))}</span>
    </div>
  ));
}

/** The newest commands to a device or agent, each with where it stands. */
export function CommandList({ to }: { to: Addressee }) {
  const { language, words } = useLanguage();
  const t = words.commands;
  const wall = useWallNow();
  const may = useMay('device.command');
  const api = useHallApi();
  const tell = useFailureMessage();
  const cancel = useMutation({ mutationFn: (id: string) => api.cancelCommand(id), onError: tell });
  const { data = [] } = useCommands(to);
  if (data.length === 0) return <p className="quiet">{t.none}</p>;
  const mayCancel = ({ state, cancelAsked }: CommandView) => may && !cancelAsked && state !== 'begun' && state !== 'ended';
  return (
    <ul className="history" data-testid="commands">
      {data.map((command) => (
        <li key={command.id} data-testid={`command-${command.act}`}>
          {t.act[command.act]}{' '}
          <Mark good={!command.end || command.end.outcome === 'applied'} quietWhenGood={!command.end}>
            {standingText(command, words, language)}
          </Mark>{' '}
          <span className="quiet">{`${t.by(command.person)} · ${ageText(wall - command.createdAt, words.age)}`}</span>
          {mayCancel(command) && (
            <Button type="link" className="cell-link" onClick={() => cancel.mutate(command.id)}>
              {words.common.cancel}
            </Button>
          )}
        </li>
      ))}
    </ul>
  );
}

/** What a device can be commanded to do, by its driver. */
export function useActs(device: Pick<DeviceView, 'agent' | 'driver'>): readonly CommandAct[] {
  const agents = useAgents();
  const drivers = agents.data?.find(({ id }) => id === device.agent)?.drivers;
  return drivers?.find(({ id }) => id === device.driver)?.acts ?? [];
}

/** Commands to one device: what its driver can, what is over its plan, and what became of the newest ones. */
export function CommandPanel({ device }: { device: DeviceView }) {
  const t = useWords().commands;
  const acts = useActs(device);
  const give = useGive();
  const [percent, setPercent] = useState<number | null>(50);
  const overrides = device.reported?.overrides ?? [];
  const is = (kind: OverrideView['kind']) => overrides.some((override) => override.kind === kind);
  const go =
    (act: CommandAct, given: Record<string, unknown> = {}) =>
    () =>
      give.mutate({ act, device: device.id, arguments: given });
  const plain = (['identify', 'test_pattern', 'clock_set', 'restart'] as const).filter((act) => acts.includes(act));
  return (
    <section aria-label={t.title}>
      <h3>{t.title}</h3>
      {acts.length === 0 && <p className="quiet">{t.noActs}</p>}
      <div className="command-buttons">
        {plain.map((act) => (
          <AskedButton key={act} label={t.act[act]} ask={t.ask[act]} onGo={go(act)} />
        ))}
        {acts.includes('black') &&
          (is('black') ? (
            <AskedButton label={t.blackOff} ask={t.askBlackOff} onGo={go('black', { on: false })} />
          ) : (
            <AskedButton label={t.blackOn} ask={t.ask.black} onGo={go('black', { on: true })} />
          ))}
        {acts.includes('brightness') && (
          <>
            <InputNumber
              aria-label={t.percent}
              min={0}
              max={100}
              precision={0}
              value={percent}
              onChange={setPercent}
              className="command-percent"
            />
            <AskedButton
              label={t.setBrightness}
              ask={t.ask.brightness}
              disabled={percent === null}
              onGo={go('brightness', { percent })}
            />
            {is('brightness') && (
              <AskedButton label={t.usualBrightness} ask={t.ask.brightness} onGo={go('brightness', { percent: null })} />
            )}
          </>
        )}
      </div>
      <CommandList to={{ device: device.id }} />
    </section>
  );
}
