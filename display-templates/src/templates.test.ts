import { readdirSync } from 'node:fs';
import { hasGlyph } from '@hall/glyphs';
import { Content, LiveValue, Tables, ID_PATTERN } from '@hall/contracts';
import { Compile } from 'typebox/compile';
import { describe, expect, test } from 'vitest';
import { boardView, drawPicture, drawScene, sceneFaults, sceneHash, sceneText, templates } from './index.ts';
import { regionOf, type Sample } from './sample.ts';
import sampleTables from './sample-tables.json' with { type: 'json' };
import blank from './templates/blank/samples.json' with { type: 'json' };
import boardIdentify from './templates/board-identify/samples.json' with { type: 'json' };
import boardNeutral from './templates/board-neutral/samples.json' with { type: 'json' };
import boardSafe from './templates/board-safe/samples.json' with { type: 'json' };
import boardTest from './templates/board-test/samples.json' with { type: 'json' };
import queueBoard from './templates/queue-board/samples.json' with { type: 'json' };
import stripIdentify from './templates/strip-identify/samples.json' with { type: 'json' };
import stripNeutral from './templates/strip-neutral/samples.json' with { type: 'json' };
import stripTest from './templates/strip-test/samples.json' with { type: 'json' };
import windowStrip from './templates/window-strip/samples.json' with { type: 'json' };

const tables = sampleTables as Tables;
const samples = {
  'window-strip': windowStrip,
  'strip-neutral': stripNeutral,
  'queue-board': queueBoard,
  'board-neutral': boardNeutral,
  'board-safe': boardSafe,
  'strip-identify': stripIdentify,
  'strip-test': stripTest,
  'board-identify': boardIdentify,
  'board-test': boardTest,
  blank,
} as unknown as Record<string, Sample[]>;

const cases = templates.flatMap((template) =>
  template.sizes.flatMap((size) =>
    (samples[template.id] ?? []).map((sample) => ({
      id: template.id,
      px: `${size.widthPx}x${size.heightPx}`,
      name: sample.name,
      template,
      size,
      sample,
    })),
  ),
);

test('template ids are unique and named like their folders', () => {
  const ids = templates.map(({ id }) => id);
  expect(new Set(ids).size).toBe(ids.length);
  expect(ids.toSorted()).toEqual(readdirSync(new URL('./templates', import.meta.url)).toSorted());
});

test('the sample tables match their schema', () => {
  expect([...Compile(Tables).Errors(tables)]).toEqual([]);
});

describe.each(templates)('$id', (template) => {
  test('has both titles, sizes and samples', () => {
    expect(template.id).toMatch(new RegExp(ID_PATTERN));
    expect(template.title.zh).toMatch(/\p{Script=Han}/u);
    expect(template.title.en).toMatch(/[A-Za-z]/);
    expect(template.sizes.length).toBeGreaterThan(0);
    expect(samples[template.id]?.length).toBeGreaterThan(0);
  });

  test('refuses parameters that its schema does not name', () => {
    const schema = Compile(template.parameters);
    expect(schema.Check({})).toBe(true);
    expect(schema.Check({ unheardOf: 'x' })).toBe(false);
  });
});

const strips = cases.filter(({ template }) => template.kind === 'strip');
const itemsOf = ({ id, sample, size }: (typeof cases)[number]) =>
  drawScene(regionOf(id, sample), tables, sample.hallMs, size).items;

test('strip areas are few, and start and end where every card can place them', () => {
  const areas = strips.flatMap(itemsOf);
  expect(areas.filter(({ xPx, widthPx }) => xPx % 8 !== 0 || widthPx % 8 !== 0)).toEqual([]);
  expect(new Set(areas.map(({ area }) => area)).size).toBeLessThanOrEqual(7);
});

test('a strip area has the same rectangle in every scene of one template and size', () => {
  const rectangles = strips.flatMap((one) =>
    itemsOf(one).map(
      ({ area, xPx, yPx, widthPx, heightPx }) => `${one.id} ${one.px} ${area}: ${[xPx, yPx, widthPx, heightPx].join()}`,
    ),
  );
  const places = [...new Set(rectangles)].map((rectangle) => rectangle.split(':')[0]);
  expect(places).toEqual([...new Set(places)]);
});

test.each(cases)('$id $px: $name', ({ template, size, sample }) => {
  const region = regionOf(template.id, sample);
  expect(Compile(template.parameters).Check(sample.parameters)).toBe(true);
  expect([...Compile(Content).Errors(region.content)]).toEqual([]);
  for (const value of Object.values(sample.values)) expect([...Compile(LiveValue).Errors(value)]).toEqual([]);

  const scene = drawScene(region, tables, sample.hallMs, size);
  expect(sceneFaults(scene)).toEqual([]);
  const unknown = sceneText(scene).flatMap((text) => Array.from(text).filter((char) => !hasGlyph(char.codePointAt(0) ?? 0)));
  expect(unknown).toEqual([]);

  const again = drawScene(structuredClone(region), structuredClone(tables), sample.hallMs, { ...size });
  expect(sceneHash(again)).toBe(sceneHash(scene));
  expect(Buffer.compare(drawPicture(again).pixels, drawPicture(scene).pixels)).toBe(0);
  expect(JSON.parse(JSON.stringify(boardView(region, tables, sample.hallMs)))).toEqual(boardView(region, tables, sample.hallMs));
});
