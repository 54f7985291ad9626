import type { NoticeChannel, NoticePerson } from '@hall/contracts';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { Alert, Button, Form, Modal, Select } from 'antd';
import { useState } from 'react';
import { useWords } from '../i18n/language.tsx';
import { useHallApi } from '../live/hall-data.ts';
import { Failure } from '../shell/failure.tsx';

/** Sends a marked test and shows what the channel really answered. */
export function ChannelTest({
  channel,
  people,
  onClose,
}: {
  channel: NoticeChannel;
  people: readonly NoticePerson[];
  onClose: () => void;
}) {
  const words = useWords();
  const t = words.notices;
  const api = useHallApi();
  const client = useQueryClient();
  const reachable = people.filter(({ phone, email }) => {
    if (channel.kind === 'sms') return phone !== undefined;
    return channel.kind !== 'email' || email !== undefined;
  });
  const [person, setPerson] = useState<string>();
  const test = useMutation({
    mutationFn: () => api.testChannel(channel.id, person),
    onSettled: () => client.invalidateQueries({ queryKey: ['deliveries'] }),
  });
  const reply = test.data;
  return (
    <Modal open title={t.testOf(channel.name)} footer={null} onCancel={onClose}>
      {channel.kind !== 'console' && channel.kind !== 'voice' && (
        <Form layout="vertical">
          <Form.Item label={t.testPerson} htmlFor="test-person">
            <Select
              id="test-person"
              allowClear
              value={person}
              onChange={setPerson}
              options={reachable.map(({ id, name }) => ({ value: id, label: name }))}
            />
          </Form.Item>
        </Form>
      )}
      <Button type="primary" onClick={() => test.mutate()} loading={test.isPending}>
        {t.testSend}
      </Button>
      {test.error && <Failure error={test.error} />}
      {reply && (
        <Alert
          className="test-answer"
          type={reply.sent ? 'success' : 'error'}
          showIcon
          role={reply.sent ? 'status' : 'alert'}
          title={reply.sent ? t.testSent(reply.tookMs) : t.testFailed(reply.code)}
          description={reply.answer || undefined}
        />
      )}
    </Modal>
  );
}
