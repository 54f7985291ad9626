import type { DeviceView, Overview, Reported } from '@hall/contracts';
import { describe, expect, it } from 'vitest';
import { needsAttention, waitsForPage } from '../devices/difference.ts';
import { sampleStrip, sampleWindow } from './sample-window.ts';
import { screenCounts } from './screen-counts.ts';

const version = { gen: 'g', ver: 1 };
const board = (change: Partial<DeviceView> = {}, reported: Partial<Reported> = {}): DeviceView => ({
  id: 'board-a',
  name: 'A区叫号大屏',
  agent: 'agent-a',
  agentPresence: 'online',
  driver: 'kiosk',
  desired: version,
  applied: version,
  difference: ['link'],
  differenceSince: 0,
  settings: {},
  reported: { epoch: 'e', seq: 1, at: 0, link: 'offline', since: 0, error: 'DEVICE_OFFLINE', counters: {}, ...reported },
  reportedAt: 0,
  ...change,
});
const overview = (screens: number, screensConfirmed: number, windows = [sampleWindow()]): Overview =>
  ({ screens, screensConfirmed, windows }) as unknown as Overview;

describe('a board without a page', () => {
  it('waits for one, whether or not one was ever there', () => {
    expect(waitsForPage(board())).toBe(true);
    expect(waitsForPage(board({}, { counters: { painted: 12 } }))).toBe(true);
    const { error: _, ...left } = board().reported as Reported;
    expect(waitsForPage(board({ reported: left }))).toBe(true);
  });

  it.each([
    ['its page hangs', board({}, { error: 'DEVICE_TIMEOUT' })],
    ['its settings are wrong', board({}, { error: 'DEVICE_SETTINGS_INVALID' })],
    ['it is open', board({ difference: [] }, { link: 'online' })],
    ['its agent is away', board({ agentPresence: 'lost', difference: ['agent', 'link'] })],
    ['it has not taken the newest document', board({ difference: ['version', 'link'] })],
    ['it has never reported', board({ reported: null, difference: ['reported'] })],
    ['it is a strip', board({ driver: 'onbon-k' })],
  ])('does not wait when %s', (_, device) => {
    expect(waitsForPage(device)).toBe(false);
  });

  it('asks for no attention; a board whose page hangs does', () => {
    expect(needsAttention(board())).toBe(false);
    expect(needsAttention(board({}, { error: 'DEVICE_TIMEOUT' }))).toBe(true);
  });
});

describe('the count of screens', () => {
  it('is calm right after the start, while no board is open', () => {
    const boards = ['a', 'b', 'c', 'd'].map((id) => board({ id }));
    expect(screenCounts(overview(64, 60), boards)).toEqual({ notOpen: 4, missing: 0, unknown: 0 });
  });

  it('misses a strip beside boards that are not open', () => {
    const cut = sampleWindow({ strips: [sampleStrip({ current: false })] });
    const boards = [board(), board({ id: 'b' })];
    expect(screenCounts(overview(64, 61, [sampleWindow(), cut]), boards)).toEqual({ notOpen: 2, missing: 1, unknown: 0 });
  });

  it('misses a board whose page hangs', () => {
    const hanging = board({ id: 'b' }, { error: 'DEVICE_TIMEOUT' });
    expect(screenCounts(overview(3, 1), [board(), hanging])).toEqual({ notOpen: 1, missing: 1, unknown: 0 });
  });

  it('stays calm about a board that has just been opened, before the count is told anew', () => {
    const opened = board({ difference: [] }, { link: 'online' });
    expect(screenCounts(overview(2, 1), [opened])).toEqual({ notOpen: 0, missing: 0, unknown: 1 });
  });

  it('never counts more than are not confirmed', () => {
    expect(screenCounts(overview(2, 2), [board()])).toEqual({ notOpen: 0, missing: 0, unknown: 0 });
    expect(screenCounts(overview(1, 2), [board()])).toEqual({ notOpen: 0, missing: 0, unknown: 0 });
  });

  it('judges strips only for a reader who may not see devices', () => {
    const cut = sampleWindow({ strips: [sampleStrip({ level: 'sent' })] });
    expect(screenCounts(overview(6, 1), undefined)).toEqual({ notOpen: 0, missing: 0, unknown: 5 });
    expect(screenCounts(overview(6, 1, [sampleWindow(), cut]), undefined)).toEqual({ notOpen: 0, missing: 1, unknown: 4 });
  });
});
