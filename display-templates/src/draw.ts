import type { RegionShowing, Tables } from '@hall/contracts';
import type { BoardView } from './board-view.ts';
import { boardScene } from './board-scene.ts';
import { templateOf } from './registry.ts';
import type { Scene } from './scene.ts';
import type { Size, StripTemplate, Template, TemplateInput } from './template.ts';
import { boardNeutral } from './templates/board-neutral/view.ts';
import { stripNeutral } from './templates/strip-neutral/render.ts';

/** A screen at least this high is a board, a lower one a strip; decides what stands in for a template nobody knows. */
const BOARD_HEIGHT_PX = 128;

const inputOf = (region: RegionShowing, tables: Tables, hallMs: number): TemplateInput => ({
  content: region.content,
  freshness: region.freshness,
  values: region.values,
  tables,
  hallMs,
});

/** The largest layout that has room on the screen. */
function layoutSize(template: StripTemplate, { widthPx, heightPx }: Size): Size | undefined {
  return template.sizes
    .filter((size) => size.widthPx <= widthPx && size.heightPx <= heightPx)
    .toSorted((one, other) => other.widthPx * other.heightPx - one.widthPx * one.heightPx)[0];
}

/**
 * What a region shows, as placed text. Never throws: a template this build does not have is drawn as the neutral text, and a
 * screen smaller than every layout stays empty. On a screen between two sizes the next smaller layout stands at the top left.
 */
export function drawScene(region: RegionShowing, tables: Tables, hallMs: number, size: Size): Scene {
  const neutral: Template = size.heightPx >= BOARD_HEIGHT_PX ? boardNeutral : stripNeutral;
  const template = templateOf(region.content.template) ?? neutral;
  const input = inputOf(region, tables, hallMs);
  if (template.kind === 'board') return boardScene(template.view(input), size);
  const layout = layoutSize(template, size);
  return { widthPx: size.widthPx, heightPx: size.heightPx, items: layout ? template.render(input, layout) : [] };
}

/** What a board page shows. A template that is no board, or not of this build, gives the neutral board. */
export function boardView(region: RegionShowing, tables: Tables, hallMs: number): BoardView {
  const template = templateOf(region.content.template);
  const input = inputOf(region, tables, hallMs);
  return template?.kind === 'board' ? template.view(input) : boardNeutral.view(input);
}

/**
 * The next hall time (Unix ms) at which the same region is drawn differently although nothing happened: a promised return
 * has passed, a closed window's next opening is another one. Board clocks do not count. Nothing where it never does.
 */
export function drawingChangesAt(region: RegionShowing, tables: Tables, hallMs: number): number | undefined {
  const changes = templateOf(region.content.template)?.changes?.(inputOf(region, tables, hallMs)) ?? [];
  const ahead = changes.filter((at) => at > hallMs);
  return ahead.length === 0 ? undefined : Math.min(...ahead);
}
