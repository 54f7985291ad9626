import fc from 'fast-check';
import { keyStates, type AgentKeyView } from '@hall/contracts';
import { describe, expect, test } from 'vitest';
import { DOUBLE_MS, expiryStep, KEY_CHANGE_MS, peerVerdicts, verdictOnPeer, warningsOf, type Peer } from './rules.ts';

const DAY = 86_400_000;
const NOW = Date.UTC(2026, 10, 28);
const key = 'ab'.repeat(32);
const peer: Peer = { name: 'edge-1', keyFingerprint: key, from: NOW - DAY, until: NOW + DAY };
const claim = { clientId: 'edge-1', username: 'edge-1' };
const known = { agent: 'edge-1', state: 'current' } as const;
const none = new Set<string>();

describe('a certificate', () => {
  test.each([
    ['accepted', peer, claim, known, none],
    ['accepted', peer, claim, { agent: 'edge-1', state: 'next' } as const, none],
    ['name_not_an_id', { ...peer, name: '+' }, { clientId: '+', username: '+' }, known, none],
    ['not_yet_valid', { ...peer, from: NOW + 1 }, claim, known, none],
    ['expired', { ...peer, until: NOW }, claim, known, none],
    ['client_id_differs', peer, { ...claim, clientId: 'edge-2' }, known, none],
    ['client_id_differs', peer, { ...claim, clientId: 'edge-1.x' }, known, none],
    ['user_differs', peer, { ...claim, username: 'edge-2' }, known, none],
    ['user_differs', peer, { ...claim, username: '' }, known, none],
    ['key_unknown', peer, claim, undefined, none],
    ['key_of_another', peer, claim, { agent: 'edge-2', state: 'current' } as const, none],
    ['key_refused', peer, claim, { agent: 'edge-1', state: 'replaced' } as const, none],
    ['key_refused', peer, claim, { agent: 'edge-1', state: 'revoked' } as const, none],
    ['key_refused', peer, claim, known, new Set([key])],
  ] as const)('is %s', (verdict, shown, said, row, revoked) => {
    expect(verdictOnPeer(shown, said, row, revoked, NOW)).toBe(verdict);
  });

  test('of anything at all gets exactly one verdict, and is accepted only when all five things name one agent', () => {
    const word = fc.constantFrom('edge-1', 'edge-2', '', '+', '#', 'edge-1.x', '$SYS', 'Edge-1', 'a/b');
    const time = fc.integer({ min: NOW - 2, max: NOW + 2 });
    fc.assert(
      fc.property(
        fc.record({
          name: fc.oneof(word, fc.string()),
          keyFingerprint: fc.constantFrom(key, 'cd'.repeat(32)),
          from: time,
          until: time,
        }),
        fc.record({ clientId: fc.oneof(word, fc.string()), username: fc.oneof(word, fc.string()) }),
        fc.option(fc.record({ agent: word, state: fc.constantFrom(...keyStates) }), { nil: undefined }),
        fc.constantFrom(none, new Set([key])),
        (shown, said, row, revoked) => {
          const verdict = verdictOnPeer(shown, said, row, revoked, NOW);
          expect(peerVerdicts).toContain(verdict);
          if (verdict !== 'accepted') return;
          expect(new Set([shown.name, said.clientId, said.username, row?.agent]).size).toBe(1);
          expect(['next', 'current']).toContain(row?.state);
          expect(revoked.has(shown.keyFingerprint)).toBe(false);
          expect(shown.from <= NOW && NOW < shown.until).toBe(true);
        },
      ),
      { numRuns: 5000 },
    );
  });
});

test('a certificate is warned of at 30, 7 and 1 days and when it is over', () => {
  const steps = [31, 30, 29, 8, 7, 2, 1, 0.5, 0, -3].map((days) => expiryStep(NOW + days * DAY, NOW));
  expect(steps).toEqual([undefined, 30, 30, 30, 7, 7, 1, 1, 0, 0]);
});

test('the step never goes back while time goes on', () => {
  const urgency = (step: number | undefined) => (step === undefined ? 99 : step);
  fc.assert(
    fc.property(fc.integer({ min: -40, max: 40 }), fc.integer({ min: 0, max: 40 * DAY }), (days, later) => {
      const until = NOW + days * DAY;
      expect(urgency(expiryStep(until, NOW + later))).toBeLessThanOrEqual(urgency(expiryStep(until, NOW)));
    }),
  );
});

test('warnings name what expires first, keys that changed within a day, and ids that are there twice', () => {
  const changedKey = (addedAt: number): AgentKeyView => ({
    agent: 'edge-1',
    fingerprint: key,
    state: 'next',
    addedAt,
    until: null,
  });
  const double = (lastMs: number) => ({
    agent: 'edge-2',
    sinceMs: NOW - 5,
    lastMs,
    installs: [
      { installId: 'one', address: '10.0.0.1' },
      { installId: 'two', address: '10.0.0.2' },
    ],
  });
  const certificates = [
    { object: 'edge-3', until: NOW + 20 * DAY },
    { object: 'server', until: NOW + 5 * DAY },
    { object: 'ca', until: NOW + 900 * DAY },
  ];
  expect(warningsOf({ certificates, changed: [changedKey(NOW - 1)], doubles: [double(NOW - 1)] }, NOW)).toMatchObject([
    { type: 'certificate_expires', object: 'server', days: '7', since: NOW - 2 * DAY },
    { type: 'certificate_expires', object: 'edge-3', days: '30' },
    { type: 'agent_key_changed', object: 'edge-1' },
    { type: 'agent_double', object: 'edge-2', installs: [{ installId: 'one' }, { installId: 'two', address: '10.0.0.2' }] },
  ]);
  expect(
    warningsOf({ certificates: [], changed: [changedKey(NOW - KEY_CHANGE_MS)], doubles: [double(NOW - DOUBLE_MS)] }, NOW),
  ).toEqual([]);
});
