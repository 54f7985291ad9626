import fc from 'fast-check';
import { expect, test } from 'vitest';
import { addressesIn, ipv4Of, ipv4Text, isLocalIpv4, networkAround, rangeOf, sizeOfRange } from './ipv4.ts';

test('an address is a number and back again, and nothing else is an address', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 2 ** 32 - 1 }), (address) => {
      expect(ipv4Of(ipv4Text(address))).toBe(address);
    }),
  );
  for (const text of ['', '1.2.3', '1.2.3.256', '1.2.3.4.5', 'a.b.c.d', '1.2.3.4/8', '::1', '0x7f.0.0.1', ' 1.2.3.4'])
    expect(ipv4Of(text)).toBeUndefined();
});

test.each([
  ['10.1.2.3', true],
  ['172.15.255.255', false],
  ['172.16.0.0', true],
  ['172.31.255.255', true],
  ['172.32.0.0', false],
  ['192.168.88.1', true],
  ['192.169.0.1', false],
  ['127.0.0.1', true],
  ['169.254.169.254', true],
  ['8.8.8.8', false],
  ['224.0.0.1', false],
  ['255.255.255.255', false],
])('%s belongs to a network of one’s own: %s', (text, local) => {
  expect(isLocalIpv4(ipv4Of(text) ?? -1)).toBe(local);
});

test.each([
  ['192.168.1.20', '192.168.1.20', '192.168.1.20', 1],
  ['192.168.1.20-60', '192.168.1.20', '192.168.1.60', 41],
  ['192.168.1.20 - 192.168.2.5', '192.168.1.20', '192.168.2.5', 242],
  ['192.168.1.77/24', '192.168.1.1', '192.168.1.254', 254],
  ['10.0.0.0/22', '10.0.0.1', '10.0.3.254', 1022],
  ['10.0.0.8/31', '10.0.0.8', '10.0.0.9', 2],
])('%s is a range of %s to %s', (text, from, to, size) => {
  expect(rangeOf(text)).toEqual({ from, to });
  expect(sizeOfRange({ from, to })).toBe(size);
});

test.each(['', '192.168.1.60-20', '192.168.1.0/16', '8.8.8.0/24', '192.168.1.1-8.8.8.8', 'abc', '192.168.1.-5', '10.0.0.1-300'])(
  '%s is no range that may be searched',
  (text) => {
    expect(rangeOf(text)).toBeUndefined();
  },
);

test('every address of overlapping ranges comes once, and a wrong range gives none', () => {
  const found = [
    ...addressesIn([
      { from: '10.0.0.250', to: '10.0.1.2' },
      { from: '10.0.1.1', to: '10.0.1.4' },
      { from: '10.0.0.9', to: '10.0.0.1' },
      { from: '1.1.1.1', to: '1.1.1.9' },
    ]),
  ];
  expect(found).toHaveLength(new Set(found).size);
  expect(found.slice(0, 2)).toEqual(['10.0.0.250', '10.0.0.251']);
  expect(found.at(-1)).toBe('10.0.1.4');
  expect(found).toHaveLength(11);
});

test('the network around an address is its /24 without the first and last', () => {
  expect(networkAround('192.168.7.9')).toEqual({ from: '192.168.7.1', to: '192.168.7.254' });
  expect(networkAround('8.8.8.8')).toBeUndefined();
  expect(networkAround('fe80::1')).toBeUndefined();
});
