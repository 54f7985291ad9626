/** The proof `slow-loris` in short: connections that never come to an end, against the running hall. */
import { runSlowLoris } from '@hall/proof';
import { expect, test } from 'vitest';

const KINDS = ['mqtt-connect', 'mqtts-hello', 'mqtts-connect', 'http-head', 'kiosk-head', 'call-port-head', 'call-port-body'];

test('connections that never come to an end are cut, each within its limit, and cost no call and no visitor anything', async () => {
  const { kinds, crashes, notShown, readers } = await runSlowLoris({ connections: 60, quietCalls: 8, kinds: KINDS });
  expect({ crashes, notShown, left: readers.left }).toEqual({ crashes: 0, notShown: 0, left: 0 });
  expect(kinds.map(({ id, made, cut, refused }) => ({ id, made, cut, refused }))).toEqual(
    KINDS.map((id) => ({ id, made: 60, cut: 60, refused: 0 })),
  );
  expect(kinds.filter(({ longestMs, limitMs }) => longestMs > limitMs + 10_000)).toEqual([]);
}, 300_000);
