/** Child process of the crash test: records calls as fast as it can and prints each id once it was acknowledged. */
import { systemClock } from '@hall/contracts';
import { emptyContent } from '../../features/content/store.ts';
import { createWriter } from './writer.ts';

const [, , path = '', from = '0'] = process.argv;
const { wall } = systemClock();
const writer = await createWriter({ path, wall });
const windows = ['w1', 'w2', 'w3'].map((id, at) => ({ id, number: String(at + 1), department: 'd', services: [] }));
const content = { ...emptyContent, departments: [{ id: 'd', zh: '部门' }], windows };
await writer.call('content.replace', { by: 'system', address: '', hall: 'demo', content });

let next = Number(from);
const lane = async (): Promise<never> => {
  for (;;) {
    next += 1;
    const id = `e-${next}`;
    const ticket = `A${next % 100_000}`;
    const about = { source: 'urn:city', type: 'ticket.called', subject: `t-${next}`, time: next, sequence: 1 } as const;
    const event = { id, ...about, data: { ticket, window: `w${(next % 3) + 1}` } };
    await writer.record({ platform: 'city', receivedAt: wall.nowMs(), events: [event], quarantine: [] });
    process.stdout.write(`${id}\n`);
  }
};
await Promise.all(Array.from({ length: 8 }, lane));
