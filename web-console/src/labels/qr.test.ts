import { ID_PATTERN } from '@hall/contracts';
import fc from 'fast-check';
import jsQrModule from 'jsqr';
import { expect, test } from 'vitest';
import { qrModules } from './qr.tsx';

/** However the runner reads a CommonJS package. */
const jsQr = ('default' in jsQrModule ? jsQrModule.default : jsQrModule) as typeof import('jsqr').default;
const SCALE = 4;

/** The code as a printer would put it on paper. */
function printed(text: string) {
  const modules = qrModules(text);
  const size = modules.length * SCALE;
  const pixels = new Uint8ClampedArray(size * size * 4).fill(255);
  for (let y = 0; y < size; y += 1) {
    for (let x = 0; x < size; x += 1) {
      if (modules[Math.floor(y / SCALE)]?.[Math.floor(x / SCALE)] === true)
        pixels.fill(0, (y * size + x) * 4, (y * size + x) * 4 + 3);
    }
  }
  return { pixels, size };
}
const read = (text: string): string | undefined => {
  const { pixels, size } = printed(text);
  return jsQr(pixels, size, size)?.data;
};

test('another decoder reads the address of every device', () => {
  const id = fc.stringMatching(new RegExp(ID_PATTERN));
  fc.assert(
    fc.property(id, fc.constantFrom('http://10.0.0.2:8080', 'https://hall.example', 'https://政务.example'), (device, base) => {
      const address = `${new URL(base).origin}/devices/${device}`;
      expect(read(address)).toBe(address);
    }),
    { numRuns: 60 },
  );
});

test('a corner that is scratched off does not matter, a wrong module is noticed by nobody', () => {
  const address = 'https://hall.example/devices/strip-w01';
  const { pixels, size } = printed(address);
  // 3 by 3 modules in the data area.
  for (let y = 20 * SCALE; y < 23 * SCALE; y += 1) pixels.fill(255, (y * size + 20 * SCALE) * 4, (y * size + 23 * SCALE) * 4);
  expect(jsQr(pixels, size, size)?.data).toBe(address);
});
