/** Negative control of the checker: a stranger writes on a strip behind everybody's back, and that must be counted as wrong. */
import { once } from 'node:events';
import { connect } from 'node:net';
import type { Tally } from '@hall/virtual-hall';
import { onbonK } from '@hall/wire';
import { HALL, startHall } from '../harness/hall.ts';
import { createJudge } from '../harness/judge.ts';

const WATCHED_MS = 1500;

/** What was counted while a foreign number stood on one of two strips for 1.5 s. */
export async function runForeignWrite(): Promise<Tally> {
  const hall = await startHall({ windows: 2 });
  try {
    const { clock, content, strips, secret, server, feed } = hall;
    const judge = createJudge({ clock, content, strips, secret, hall: HALL, baseUrl: server.httpUrl });
    try {
      judge.send(feed.event('window.opened', 'made-w01', { window: 'w01' }));
      judge.send(feed.called('w01', 'A001'));
      if (!(await judge.settled(20_000))) throw new Error(`no even start: ${judge.differing().join(' ')}`);
      judge.checker.reset();
      await write(Number(content.devices[0]?.settings['port']), 'B999');
      await clock.machine.sleep(WATCHED_MS);
      return judge.checker.tally();
    } finally {
      await judge.close();
    }
  } finally {
    await hall.close();
  }
}

async function write(port: number, text: string): Promise<void> {
  const { bytes } = onbonK.composeText([{ asciiFont: 1 }, { text }], 'gb2312');
  const area: onbonK.DynamicArea = {
    id: 30,
    x: onbonK.across(0, 'marked_pixels'),
    yPx: 0,
    width: onbonK.across(96, 'marked_pixels'),
    heightPx: 16,
    lineSpacePx: 0,
    runMode: onbonK.runModes.hideAfterTimeout,
    timeoutS: 600,
    horizontal: 'left',
    vertical: 'centre',
    lines: 1,
    lineBreak: 1,
    displayMode: onbonK.displayModes.static,
    exitMode: 0,
    speed: 0,
    stayHalfS: 0,
    text: bytes,
  };
  const request = onbonK.encodeRequest({ kind: 'dynamic_areas', processMode: 0, remove: [], areas: [area] });
  const socket = connect(port, '127.0.0.1');
  await once(socket, 'connect');
  socket.write(onbonK.encodeFrame(onbonK.toScreen(1, request)));
  await once(socket, 'data');
  socket.destroy();
}
