/**
 * The file an agent is updated from. Four parts, one after the other, nothing packed:
 *
 *   hall-agent-bundle 1\n
 *   {length of the manifest, bytes} {fingerprint of the key} {signature, base64url}\n
 *   the manifest, JSON
 *   the files, in the order of the manifest
 *
 * The signature (Ed25519) is over `hall-control agent bundle 1\n` and the exact bytes of the manifest, and the manifest holds the
 * hash of every file. Only an agent judges a signature, by keys that are trusted on its own machine.
 */
import { Type, type Static } from 'typebox';
import { Id, UnixMs } from './ids.ts';

const closed = { additionalProperties: false } as const;

/** Largest bundle, bytes. */
export const MOST_BUNDLE_BYTES = 64 * 1024 * 1024;
export const MOST_MANIFEST_BYTES = 256 * 1024;
export const BUNDLE_FIRST_LINE = 'hall-agent-bundle 1\n';

/** SHA-256 of a whole bundle; its name everywhere. */
export const BundleHash = Type.String({ pattern: '^[0-9a-f]{64}$' });

export const BundleManifest = Type.Object(
  {
    /** Of the agent package. */
    version: Type.String({ pattern: '^[0-9A-Za-z.+-]{1,32}$' }),
    /** Version of the agent's database it works with. */
    schema: Type.Integer({ minimum: 1, maximum: 10_000 }),
    created: UnixMs,
    /** Packages that are not in it and have to be on the machine, with their versions. */
    needs: Type.Record(Type.String({ pattern: '^[@a-z0-9][a-z0-9._/-]{0,80}$' }), Type.String({ maxLength: 32 }), {
      maxProperties: 16,
    }),
    files: Type.Array(
      Type.Object(
        {
          path: Type.String({ maxLength: 200 }),
          size: Type.Integer({ minimum: 0, maximum: MOST_BUNDLE_BYTES }),
          sha256: BundleHash,
          mode: Type.Union([Type.Literal(0o644), Type.Literal(0o755)]),
        },
        closed,
      ),
      { minItems: 1, maxItems: 1000 },
    ),
  },
  closed,
);
export type BundleManifest = Static<typeof BundleManifest>;

/** A bundle on the server, as its manifest names itself: unproven until an agent has checked the signature. */
export const BundleView = Type.Object(
  {
    sha256: BundleHash,
    /** Bytes. */
    size: Type.Integer({ minimum: 1, maximum: MOST_BUNDLE_BYTES }),
    version: Type.String({ maxLength: 32 }),
    schema: Type.Integer({ minimum: 1 }),
    created: UnixMs,
    /** Fingerprint of the key that is said to have signed it. */
    key: Type.String({ maxLength: 100 }),
  },
  closed,
);
export type BundleView = Static<typeof BundleView>;

/** An agent is to be updated from a bundle. */
export const UpdateOffer = Type.Object({ agent: Id }, closed);
export type UpdateOffer = Static<typeof UpdateOffer>;
