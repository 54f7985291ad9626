/** What a bundle says it is. Pure; only the agents judge whether to believe it. */
import {
  BUNDLE_FIRST_LINE,
  BundleManifest,
  HallError,
  MOST_BUNDLE_BYTES,
  MOST_MANIFEST_BYTES,
  type BundleView,
} from '@hall/contracts';
import { Compile } from 'typebox/compile';

const isManifest = Compile(BundleManifest);
/** So much of a file holds all of it. */
export const HEAD_BYTES = MOST_MANIFEST_BYTES + 1024;

/** `start`: the first bytes of the file, `size`: all of it. @throws HallError UPDATE_INVALID, UPDATE_UNSIGNED. */
export function describe(start: Buffer, size: number): Omit<BundleView, 'sha256'> {
  const invalid = (reason: string) => new HallError('UPDATE_INVALID', { reason });
  if (size > MOST_BUNDLE_BYTES) throw new HallError('UPDATE_TOO_LARGE', { size });
  if (start.subarray(0, BUNDLE_FIRST_LINE.length).toString('latin1') !== BUNDLE_FIRST_LINE)
    throw invalid('no bundle of an agent');
  const end = start.indexOf('\n', BUNDLE_FIRST_LINE.length);
  const line = start.subarray(BUNDLE_FIRST_LINE.length, Math.max(end, BUNDLE_FIRST_LINE.length)).toString('latin1');
  const [length = '', key = '', signature = ''] = line.split(' ');
  if (end < 0 || !/^[1-9]\d{0,6}$/.test(length) || line.length > 280) throw invalid('its second line');
  if (key === '' || signature === '') throw new HallError('UPDATE_UNSIGNED');
  let manifest: unknown;
  try {
    manifest = JSON.parse(start.subarray(end + 1, end + 1 + Number(length)).toString('utf8'));
  } catch (error) {
    throw new HallError('UPDATE_INVALID', { reason: 'its manifest is not JSON' }, error);
  }
  if (!isManifest.Check(manifest)) throw invalid('its manifest does not match the schema');
  const { version, schema, created, files } = manifest;
  if (end + 1 + Number(length) + files.reduce((sum, file) => sum + file.size, 0) !== size) throw invalid('its length');
  return { size, version, schema, created, key };
}
