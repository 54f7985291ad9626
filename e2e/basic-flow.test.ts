/** What a visitor, a manager and the platform see of one call, over the embedded broker and over Debian's mosquitto, or over the one chosen for the whole suite. */
import { createTruth, pictureKey } from '@hall/virtual-hall';
import { brokersFor, startHall, type Feed, type RunningHall } from '@hall/proof';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';

const within = { timeout: 10_000 };

/** Reads an event stream until it says something. */
async function untilStreamSays(url: string, text: string): Promise<string> {
  const reply = await fetch(url, { signal: AbortSignal.timeout(10_000) });
  let heard = '';
  for await (const part of reply.body ?? []) {
    heard += Buffer.from(part as Uint8Array).toString();
    if (heard.includes(text)) break;
  }
  return heard;
}

describe.each(brokersFor(['embedded', 'mosquitto']))('with the broker: %s', (broker) => {
  let hall: RunningHall;
  let feed: Feed;
  beforeAll(async () => {
    hall = await startHall({ windows: 4, boards: true, broker });
    ({ feed } = hall);
  });
  afterAll(() => hall?.close());

  /** What is read on the strip of a window. */
  const strip = (window: string) => () => hall.shown(window);

  test('after a call the strip shows pixel by pixel what the model says', async () => {
    const truth = createTruth(hall.content, hall.clock);
    const [service = ''] = hall.content.windows[0]?.services ?? [];
    const events = [
      feed.event('window.opened', 'made-w01', { window: 'w01' }),
      feed.event('window.staff_on', 'made-w01', { window: 'w01', staff: hall.content.staff[0]?.id ?? '' }),
      feed.event('ticket.issued', 'made-A001', { ticket: 'A001', service }),
      feed.event('ticket.called', 'made-A001', { ticket: 'A001', window: 'w01' }),
    ];
    for (const event of events) truth.sent(event);
    truth.acknowledged(events.length);
    expect((await feed.send(events)).body).toMatchObject({ accepted: 4, quarantined: 0 });
    const expected = truth.expected('strip-w01').at(-1)?.key;
    await vi.waitFor(() => {
      const picture = hall.strips.get('strip-w01')?.simulator.picture();
      expect(picture && pictureKey(picture)).toBe(expected);
    }, within);
    await expect.poll(strip('w01'), within).toContain('A001');
    expect(hall.shown('w02')).not.toContain('A001');
  });

  test('a pause shows its reason and the time of return, and a resumed window shows neither', async () => {
    const expectedReturnAt = new Date(hall.clock.hall.nowMs() + 20 * 60_000);
    const options = { timeZone: 'Asia/Shanghai', hour: '2-digit', minute: '2-digit', hourCycle: 'h23' } as const;
    const clockText = new Intl.DateTimeFormat('zh-CN', options).format(expectedReturnAt);
    const data = { window: 'w02', reason: 'meeting', expectedReturnAt: expectedReturnAt.toISOString() };
    await feed.send([feed.event('window.opened', 'made-w02', { window: 'w02' }), feed.event('window.paused', 'made-w02', data)]);
    await expect.poll(strip('w02'), within).toContain('暂停');
    expect(hall.shown('w02')).toContain(clockText);
    expect(hall.shown('w02')).toContain('会议');
    await feed.send(feed.event('window.resumed', 'made-w02', { window: 'w02' }));
    await vi.waitFor(() => expect(hall.shown('w02')).not.toContain('暂停'), within);
  });

  test('a second call replaces the first, a recall keeps it, an ended ticket leaves', async () => {
    await feed.send([feed.event('window.opened', 'made-w03', { window: 'w03' }), feed.called('w03', 'B001')]);
    await expect.poll(strip('w03'), within).toContain('B001');
    await feed.send(feed.event('ticket.no_show', 'made-B001', { ticket: 'B001', window: 'w03' }));
    await feed.send(feed.called('w03', 'B002'));
    await expect.poll(strip('w03'), within).toContain('B002');
    await feed.send(feed.event('ticket.recalled', 'made-B002', { ticket: 'B002', window: 'w03' }));
    await vi.waitFor(() => {
      expect(hall.server.services.live.windows().get('w03')?.field.value).toMatchObject({ ticket: 'B002', callNumber: 2 });
    }, within);
    await expect.poll(strip('w03'), within).toContain('B002');
    await feed.send(feed.event('ticket.ended', 'made-B002', { ticket: 'B002', window: 'w03' }));
    await vi.waitFor(() => expect(hall.shown('w03')).not.toContain('B002'), within);
  });

  test('the manager sees the call, what the strip was told and that it acknowledged', async () => {
    await feed.send([feed.event('window.opened', 'made-w04', { window: 'w04' }), feed.called('w04', 'C001')]);
    await vi.waitFor(() => {
      const view = hall.server.services.views.overview().windows.find(({ id }) => id === 'w04');
      expect(view).toMatchObject({ ticket: 'C001', state: 'serving' });
      expect(view?.strips[0]).toMatchObject({ link: 'online', level: 'acknowledged', current: true, freshness: 'live' });
      expect(view?.strips[0]?.text).toContain('C001');
    }, within);
  });

  test('the board page of the agent names the call', async () => {
    const kiosk = hall.agents.get('agent-a')?.kioskUrl ?? '';
    const page = await fetch(`${kiosk}/screen/board-a`);
    expect([page.status, page.headers.get('content-type')]).toEqual([200, expect.stringContaining('text/html')]);
    expect(await untilStreamSays(`${kiosk}/screen/board-a/events`, 'C001')).toContain('event: board');
  });

  test('messages of every kind were held against the AsyncAPI document', () => {
    expect([...hall.messages.seen.keys()]).toEqual(
      expect.arrayContaining(['hello', 'welcome', 'tables', 'desired', 'reported', 'live', 'presence', 'up', 'upack']),
    );
  });
});
