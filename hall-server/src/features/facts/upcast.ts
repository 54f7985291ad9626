/**
 * Facts are never rewritten. When the shape of a type changes, its version here grows and one upcaster turns the previous shape
 * into the next; whoever reads facts reads the newest shape. `samples/` holds recorded facts of every release.
 */
export type FactData = Readonly<Record<string, unknown>>;
type Upcaster = (data: FactData) => FactData;

/** Per type: the upcasters from version 1 to 2, 2 to 3, … A type that is not named is at version 1. */
const upcasters: Readonly<Record<string, readonly Upcaster[]>> = {};

/** The version in which facts of the type are written now. */
export const versionOf = (type: string): number => (Object.hasOwn(upcasters, type) ? (upcasters[type]?.length ?? 0) : 0) + 1;

/** The data in its newest shape. @throws Error for a version this release does not know. */
export function upcast(type: string, version: number, data: FactData): FactData {
  const steps = Object.hasOwn(upcasters, type) ? (upcasters[type] ?? []) : [];
  if (version < 1 || version > steps.length + 1) throw new Error(`fact ${type} has unknown version ${version}`);
  return steps.slice(version - 1).reduce((shape, step) => step(shape), data);
}
