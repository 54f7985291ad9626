import { expect, test } from 'vitest';
import { connectPacket, lengthBytes, subscribePacket } from './raw-mqtt.ts';

// MQTT 3.1.1, table 2.4: the borders of each number of bytes.
test.each([
  [0, '00'],
  [127, '7f'],
  [128, '8001'],
  [16_383, 'ff7f'],
  [16_384, '808001'],
  [268_435_455, 'ffffff7f'],
])('remaining length %i is %s', (length, hex) => {
  expect(lengthBytes(length).toString('hex')).toBe(hex);
});

test('packets are built as the specification lays them out', () => {
  expect(connectPacket({ clientId: 'a', username: 'u', password: 'p' }).toString('hex')).toBe(
    '101300044d51545404c200780001610001750001' + '70',
  );
  expect(subscribePacket('t').toString('hex')).toBe('820600010001' + '7400');
});
