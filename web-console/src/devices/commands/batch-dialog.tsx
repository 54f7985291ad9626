import type { BatchView, CommandAct, DeviceView } from '@hall/contracts';
import { useMutation } from '@tanstack/react-query';
import { Button, Form, InputNumber, Modal, Progress, Radio } from 'antd';
import { useState } from 'react';
import { useLanguage } from '../../i18n/language.tsx';
import { queryClient, useAgents, useHallApi } from '../../live/hall-data.ts';
import { useBatch } from '../../live/use-commands.ts';
import { useFailureMessage } from '../../shell/use-failure-message.ts';
import { countOf, standingText } from './command-text.ts';
import { AskedButton } from './command-panel.tsx';

/** Acts that can be given to many, and what each says. Turning black off is one of its own. */
const choices = ['identify', 'test_pattern', 'black', 'black_off', 'brightness', 'clock_set'] as const;
type Choice = (typeof choices)[number];
const actOf = (choice: Choice): CommandAct => (choice === 'black_off' ? 'black' : choice);

/** How far a batch is: how many have done it, who has not and why, and what can still be done about it. */
function BatchProgress({
  id,
  names,
  onBatch,
}: {
  id: string;
  names: ReadonlyMap<string, string>;
  onBatch: (batch: BatchView) => void;
}) {
  const { language, words } = useLanguage();
  const t = words.commands;
  const api = useHallApi();
  const tell = useFailureMessage();
  const { data: batch } = useBatch(id);
  const took = (next: BatchView | undefined) => {
    if (!next) return;
    queryClient.setQueryData<BatchView>(['batch', next.id], next);
    onBatch(next);
  };
  const stop = useMutation({ mutationFn: () => api.stopBatch(id), onSuccess: took, onError: tell });
  const resume = useMutation({ mutationFn: () => api.resumeBatch(id), onSuccess: took, onError: tell });
  const rollBack = useMutation({ mutationFn: () => api.rollBackBatch(id), onSuccess: ([first]) => took(first), onError: tell });
  if (!batch) return null;
  const { all, done, underWay, notDone } = countOf(batch);
  const hasWayBack = batch.act === 'black' || batch.act === 'brightness';
  const name = (device: string | null) => names.get(device ?? '') ?? device ?? '';
  return (
    <div data-testid="batch-progress">
      <p role="status">
        {`${t.act[batch.act]}：${t.progress(done, all)}`}
        {underWay > 0 && ` · ${t.underWay(underWay)}`}
        {notDone.length > 0 && ` · ${t.notDone(notDone.map(({ device }) => name(device)).join(words.overview.listSeparator))}`}
      </p>
      <Progress percent={Math.round((done * 100) / Math.max(1, all))} showInfo={false} aria-label={t.progress(done, all)} />
      <ul className="history batch-rows">
        {notDone.map((command) => (
          <li key={command.id}>
            {name(command.device)} <span className="cause">△ {standingText(command, words, language)}</span>
          </li>
        ))}
      </ul>
      <div className="command-buttons">
        <Button onClick={() => stop.mutate()} disabled={underWay === 0} loading={stop.isPending}>
          {t.stop}
        </Button>
        <Button onClick={() => resume.mutate()} disabled={notDone.length === 0} loading={resume.isPending}>
          {t.resume}
        </Button>
        {hasWayBack && (
          <AskedButton label={t.rollBack} ask={t.askRollBack} disabled={done === 0} onGo={() => rollBack.mutate()} />
        )}
      </div>
    </div>
  );
}

/** One act for the selected devices, with the progress of each. Only acts that all of them can. */
export function BatchDialog({ devices, onClose }: { devices: readonly DeviceView[]; onClose: () => void }) {
  const { words } = useLanguage();
  const t = words.commands;
  const api = useHallApi();
  const tell = useFailureMessage();
  const agents = useAgents();
  const [choice, setChoice] = useState<Choice>('identify');
  const [percent, setPercent] = useState<number | null>(50);
  const [batch, setBatch] = useState<string>();
  const actsOf = ({ agent, driver }: DeviceView) =>
    agents.data?.find(({ id }) => id === agent)?.drivers.find(({ id }) => id === driver)?.acts ?? [];
  const offered = choices.filter((one) => devices.every((device) => actsOf(device).includes(actOf(one))));
  const start = useMutation({
    mutationFn: () => {
      const given = choice === 'brightness' ? { percent } : actOf(choice) === 'black' ? { on: choice === 'black' } : {};
      return api.giveBatch({ act: actOf(choice), devices: devices.map(({ id }) => id), arguments: given });
    },
    onSuccess: (view) => {
      queryClient.setQueryData<BatchView>(['batch', view.id], view);
      setBatch(view.id);
    },
    onError: tell,
  });
  const label = (one: Choice) => (one === 'black_off' ? t.blackOff : t.act[one]);
  const names = new Map(devices.map(({ id, name }) => [id, name]));
  const isReady = offered.includes(choice) && !(choice === 'brightness' && percent === null);
  return (
    <Modal open title={t.batch} footer={null} onCancel={onClose} closable={{ 'aria-label': words.common.close }}>
      <p className="help">{t.batchFor(devices.length)}</p>
      {batch === undefined ? (
        <Form layout="vertical">
          <Form.Item label={t.chooseAct}>
            <Radio.Group
              aria-label={t.chooseAct}
              value={choice}
              onChange={({ target }) => setChoice(target.value as Choice)}
              options={offered.map((one) => ({ value: one, label: label(one) }))}
            />
          </Form.Item>
          {choice === 'brightness' && (
            <Form.Item label={t.percent} htmlFor="batch-percent">
              <InputNumber id="batch-percent" min={0} max={100} precision={0} value={percent} onChange={setPercent} />
            </Form.Item>
          )}
          <AskedButton
            label={t.start}
            ask={t.askBatch(label(choice), devices.length)}
            disabled={!isReady || start.isPending}
            onGo={() => start.mutate()}
          />
        </Form>
      ) : (
        <BatchProgress id={batch} names={names} onBatch={({ id }) => setBatch(id)} />
      )}
    </Modal>
  );
}
