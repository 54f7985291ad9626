/** Keys, certificates and waiting agents of the pretend hall. */
import type { EnrolmentView, SecurityView } from '@hall/contracts';

const DAY = 86_400_000;
const print = (seed: string) => seed.repeat(64).slice(0, 64);
const certificate = (seed: string, days: number) => ({
  fingerprint: print(seed),
  code: '7K4M-QX2P',
  from: Date.now() - DAY,
  until: Date.now() + days * DAY,
  names: ['10.0.0.2'],
});

export const requests = (): EnrolmentView[] => [
  {
    id: '6f9619ff-8b86-4d01-b42d-00c04fc964ff',
    code: 'M3VX-08TR',
    fingerprint: print('a1'),
    wish: 'edge-a',
    takesOver: true,
    host: 'hall-pc-7',
    version: '0.1.0',
    address: '10.0.0.17',
    askedAt: Date.now() - 40_000,
    expiresAt: Date.now() + 800_000,
  },
];

export const security = (agents: readonly string[]): SecurityView => ({
  mqtts: true,
  trust: certificate('b2', 7000),
  ca: certificate('b2', 7000),
  server: certificate('c3', 6),
  keys: agents.map((agent, at) => ({
    agent,
    fingerprint: print(`d${at}`),
    state: 'current',
    addedAt: Date.now() - 3 * DAY,
    until: Date.now() + (60 + at) * DAY,
  })),
  passwords: [],
  warnings: [
    { type: 'certificate_expires', object: 'server', since: Date.now() - DAY, until: Date.now() + 6 * DAY, days: '7' },
    {
      type: 'agent_double',
      object: 'edge-b',
      since: Date.now() - 60_000,
      installs: [
        { installId: 'one', address: '10.0.0.12' },
        { installId: 'two', address: '10.0.0.19' },
      ],
    },
  ],
});
