/** How an agent becomes one of the fleet: what it asks, what it is answered, and what an administrator sees of it. */
import { Type, type Static } from 'typebox';
import { Id, UnixMs } from './ids.ts';
import { oneOf } from './words.ts';

const closed = { additionalProperties: false } as const;
const Nullable = <T extends import('typebox').TSchema>(schema: T) => Type.Union([schema, Type.Null()]);

/** Two groups of four out of 32 letters without I, L, O and U, which are read as others (Crockford's base 32): `7K4M-QX2P`. */
export const ShortCode = Type.String({
  pattern: '^[0-9A-HJKMNP-TV-Z]{4}-[0-9A-HJKMNP-TV-Z]{4}$',
  description: 'Short code of a key, to be compared by people.',
});
/** SHA-256 in hexadecimal. */
export const Fingerprint = Type.String({ pattern: '^[0-9a-f]{64}$', description: 'SHA-256, hexadecimal.' });
export type Fingerprint = Static<typeof Fingerprint>;

const Pem = Type.String({ minLength: 1, maxLength: 4096, description: 'PEM.' });
const Signature = Type.String({ minLength: 1, maxLength: 200, pattern: '^[A-Za-z0-9+/]+=*$', description: 'ECDSA, base64.' });
const Nonce = Type.String({ minLength: 16, maxLength: 64, pattern: '^[A-Za-z0-9_-]+$' });

/** A request runs out when its agent has not been heard for this long, ms. */
export const ENROLMENT_LIFE_MS = 15 * 60_000;

/**
 * What an agent asks. `keyOf` and `signature` come only from an agent that has an identity and wants another key for it: the
 * signature of the key it has over {@link keyChangeText}.
 */
export const EnrolmentRequest = Type.Object(
  {
    csr: Type.String({ minLength: 1, maxLength: 4096, description: 'PKCS #10 request, PEM; signed by its own P-256 key.' }),
    wish: Type.Optional(Type.Union([Id], { description: 'Id the agent would like to have.' })),
    host: Type.String({ minLength: 1, maxLength: 64, pattern: '^[\\x21-\\x7e]+$', description: 'Name of the machine.' }),
    version: Type.String({ minLength: 1, maxLength: 32, pattern: '^[\\x21-\\x7e]+$' }),
    keyOf: Type.Optional(Type.Union([Id], { description: 'Agent whose key this is to replace.' })),
    signature: Type.Optional(Signature),
  },
  closed,
);
export type EnrolmentRequest = Static<typeof EnrolmentRequest>;

/** The answer to a request: what the agent shows, and what it signs to ask how its request stands. */
export const EnrolmentTicket = Type.Object(
  {
    id: Type.String({ format: 'uuid' }),
    code: ShortCode,
    /** Whom agents of this hall trust: certificates, PEM. */
    trust: Type.String({ maxLength: 16_384 }),
    trustCode: ShortCode,
    nonce: Nonce,
  },
  closed,
);
export type EnrolmentTicket = Static<typeof EnrolmentTicket>;

/** Proof that whoever asks holds the key of the request: its signature over {@link proofText}. */
export const EnrolmentProof = Type.Object({ nonce: Nonce, signature: Signature }, closed);
export type EnrolmentProof = Static<typeof EnrolmentProof>;

/** Where an agent reaches the broker; on the host it asked if `host` is missing. */
export const BrokerAddress = Type.Object(
  { host: Type.Optional(Type.String({ maxLength: 253 })), port: Type.Integer({ minimum: 1, maximum: 65_535 }) },
  closed,
);
export const EnrolmentAnswer = Type.Union([
  Type.Object({ state: Type.Literal('waiting'), nonce: Nonce }, closed),
  Type.Object({ state: Type.Literal('rejected') }, closed),
  Type.Object(
    {
      state: Type.Literal('admitted'),
      agent: Id,
      certificate: Pem,
      trust: Type.String({ maxLength: 16_384 }),
      broker: BrokerAddress,
    },
    closed,
  ),
]);
export type EnrolmentAnswer = Static<typeof EnrolmentAnswer>;

/** What a key signs to prove itself; bound to the hall and the request, so that it is good for nothing else. */
export const proofText = (hall: string, id: string, nonce: string): string => `hall-enrolment\n${hall}\n${id}\n${nonce}`;
/** What the key an agent has signs for the next one; `fingerprint` is that of the next public key. */
export const keyChangeText = (hall: string, agent: string, fingerprint: string): string =>
  `hall-key-change\n${hall}\n${agent}\n${fingerprint}`;

/** A request that waits for a person. */
export const EnrolmentView = Type.Object(
  {
    id: Type.String({ format: 'uuid' }),
    code: ShortCode,
    fingerprint: Fingerprint,
    wish: Nullable(Id),
    /** Another key already speaks for the wished id: admitting takes its identity over. */
    takesOver: Type.Boolean(),
    host: Type.String(),
    version: Type.String(),
    address: Type.String(),
    askedAt: UnixMs,
    expiresAt: UnixMs,
  },
  closed,
);
export type EnrolmentView = Static<typeof EnrolmentView>;

/** `code` is compared once more by the server: it must be the one the person read. */
export const EnrolmentAdmit = Type.Object(
  {
    agent: Id,
    code: ShortCode,
    takeOver: Type.Optional(
      Type.Boolean({ default: false, description: 'The agent exists: its keys and password are revoked, this key takes over.' }),
    ),
  },
  closed,
);
export type EnrolmentAdmit = Static<typeof EnrolmentAdmit>;

/** `next`: admitted, not yet used. `current`: in use. `replaced`, `revoked`: refused for ever. */
export const keyStates = ['next', 'current', 'replaced', 'revoked'] as const;
export type KeyState = (typeof keyStates)[number];
export const AgentKeyView = Type.Object(
  {
    agent: Id,
    fingerprint: Fingerprint,
    state: oneOf(keyStates),
    addedAt: UnixMs,
    /** End of the newest certificate; null until the agent fetched it. */
    until: Nullable(UnixMs),
  },
  closed,
);
export type AgentKeyView = Static<typeof AgentKeyView>;

export const securityConditions = ['certificate_expires', 'agent_key_changed', 'agent_double'] as const;
export type SecurityCondition = (typeof securityConditions)[number];
/** Days before the end of a certificate at which it is warned of, most urgent last; 0 is over. */
export const expiryDays = [30, 7, 1, 0] as const;
/** A named condition that holds now. */
export const SecurityWarning = Type.Object(
  {
    type: oneOf(securityConditions),
    /** `server`, `ca`, or the id of an agent. */
    object: Type.String(),
    since: UnixMs,
    /** The end of the certificate, for `certificate_expires`. */
    until: Type.Optional(UnixMs),
    /** The step of {@link expiryDays} that is reached, for `certificate_expires`. */
    days: Type.Optional(oneOf(['30', '7', '1', '0'] as const)),
    /** The key that speaks for the agent now, for `agent_key_changed`. */
    fingerprint: Type.Optional(Fingerprint),
    /** Who is there twice, for `agent_double`: first the one that holds the session. */
    installs: Type.Optional(
      Type.Array(Type.Object({ installId: Type.String(), address: Type.String() }, closed), { maxItems: 2 }),
    ),
  },
  closed,
);
export type SecurityWarning = Static<typeof SecurityWarning>;

const CertificateView = Type.Object(
  { fingerprint: Fingerprint, code: ShortCode, from: UnixMs, until: UnixMs, names: Type.Array(Type.String()) },
  closed,
);
export type CertificateView = Static<typeof CertificateView>;
export const SecurityView = Type.Object(
  {
    /** Whether agents can come over TLS; without it nobody can be admitted by certificate. */
    mqtts: Type.Boolean(),
    /** What agents trust; its code is the one a new agent shows. */
    trust: CertificateView,
    ca: CertificateView,
    server: CertificateView,
    /** Keys that speak for agents. */
    keys: Type.Array(AgentKeyView),
    /** Agents that have a password. Who has neither was revoked. */
    passwords: Type.Array(Id),
    warnings: Type.Array(SecurityWarning),
  },
  closed,
);
export type SecurityView = Static<typeof SecurityView>;
