import { expect, test } from 'vitest';
import { brokerFiles } from './mosquitto.ts';

const users = [
  { role: 'server', id: 'server', password: 's' },
  { role: 'agent', id: 'agent-a', password: 'a' },
  { role: 'platform', id: 'city', password: 'c' },
] as const;
const { passwords, rules } = brokerFiles('a', users);
const rulesOf = (user: string) => (rules.split('user ').find((part) => part.startsWith(`${user}\n`)) ?? '').split('\n').slice(1);

test('every user has a password and rules of its own', () => {
  expect(passwords).toBe('server:s\nagent-a:a\ncity:c\n');
  expect(rulesOf('city').filter((line) => line !== '')).toEqual([
    'topic write hall/1/a/platform/city/events',
    'topic read hall/1/a/platform/city/outcome',
    'topic read hall/1/a/platform/city/island',
  ]);
});

test('an agent sees and says nothing of another agent', () => {
  const foreign = rulesOf('agent-a').filter((line) => line.includes('/agent/') && !line.includes('/agent/agent-a/'));
  expect(foreign).toEqual([]);
});
