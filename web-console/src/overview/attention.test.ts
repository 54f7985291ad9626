import { windowStates } from '@hall/contracts';
import { describe, expect, it } from 'vitest';
import { attentionOf, causesOf } from './attention.ts';
import { areasOf, noFilter, passes } from './filter.ts';
import { sampleStrip, sampleWindow } from './sample-window.ts';

const later = 1_000_000 + 60_000;

describe('attention', () => {
  it.each(windowStates.filter((state) => state !== 'fault' && state !== 'no_data'))('a window that is %s is normal', (state) => {
    expect(causesOf(sampleWindow({ state }), later)).toEqual([]);
  });

  it('colours a fault and a strip that is away as alarms', () => {
    expect(attentionOf(causesOf(sampleWindow({ state: 'fault' }), later))).toBe('alarm');
    expect(attentionOf(causesOf(sampleWindow({ strips: [sampleStrip({ link: 'offline' })] }), later))).toBe('alarm');
  });

  it('notices a pause that has lasted too long, and only then', () => {
    const paused = sampleWindow({ state: 'paused', expectedReturnAt: later });
    expect(causesOf(paused, later - 1)).toEqual([]);
    expect(causesOf(paused, later + 1)).toEqual(['back_late']);
  });

  it('gives a fresh call the time to reach the strip', () => {
    const behind = sampleWindow({ strips: [sampleStrip({ current: false })] });
    expect(causesOf(behind, 1_000_000 + 500)).toEqual([]);
    expect(causesOf(behind, later)).toEqual(['not_current']);
  });

  it('does not believe a strip that has only been sent to', () => {
    const sent = sampleWindow({ strips: [sampleStrip({ level: 'sent' })] });
    expect(attentionOf(causesOf(sent, later))).toBe('warn');
  });

  it('names the worst first and each once', () => {
    const window = sampleWindow({
      state: 'no_data',
      strips: [sampleStrip({ freshness: 'stale' }), sampleStrip({ link: 'offline' }), sampleStrip({ link: 'opening' })],
    });
    expect(causesOf(window, later)).toEqual(['strip_offline', 'strip_stale', 'no_data']);
  });
});

describe('filter', () => {
  const window = sampleWindow();
  it.each([
    ['12', true],
    ['012', true],
    ['2', false],
    ['a012', true],
    ['发票', true],
    ['invoices', true],
    ['张', true],
    ['公安', false],
  ])('search %s finds window 12: %s', (search, found) => {
    const given = search === '2' ? sampleWindow({ ticket: 'A777' }) : window;
    expect(passes(given, { ...noFilter, search }, later)).toBe(found);
  });

  it('keeps to area, state and the abnormal', () => {
    expect(passes(window, { ...noFilter, area: 'B' }, later)).toBe(false);
    expect(passes(window, { ...noFilter, state: 'paused' }, later)).toBe(false);
    expect(passes(window, { ...noFilter, abnormal: true }, later)).toBe(false);
    expect(passes(sampleWindow({ state: 'fault' }), { ...noFilter, abnormal: true }, later)).toBe(true);
  });

  it('lists areas once, in the order of the windows', () => {
    const windows = [sampleWindow({ area: 'B' }), sampleWindow({ area: 'A' }), sampleWindow({ area: 'B' })];
    expect(areasOf(windows)).toEqual(['B', 'A']);
  });
});
