import fc from 'fast-check';
import { expect, test } from 'vitest';
import { isId } from './ids.ts';
import { addressOf, topicOf } from './topics.ts';

const id = fc.stringMatching(/^[a-z0-9]([a-z0-9-]{0,30}[a-z0-9])?$/);
/** What a name must not be: wildcards, `$SYS`, nothing, capitals, control characters, what is too long, and whatever else comes up. */
const noId = fc.oneof(
  fc.constantFrom('+', '#', '', '$SYS', 'A1', '-a', 'a-', 'a\u0000', 'ä', ' ', 'a'.repeat(33)),
  fc.string({ unit: 'binary', maxLength: 40 }).filter((text) => !isId(text) && !text.includes('/')),
);

test('an address tells its topic and its names', () => {
  fc.assert(
    fc.property(id, id, id, (hall, agent, device) => {
      expect(topicOf(addressOf('reported', { hall, agent, device }))).toEqual({
        name: 'reported',
        names: { hall, agent, device },
      });
    }),
  );
});

test.each(['hall', 'agent', 'device'] as const)('an address whose %s is no id is none of ours', (which) => {
  fc.assert(
    fc.property(noId, (odd) => {
      const names = { hall: 'demo', agent: 'agent-a', device: 'strip-1', [which]: odd };
      expect(topicOf(addressOf('reported', names))).toBeUndefined();
    }),
  );
});
