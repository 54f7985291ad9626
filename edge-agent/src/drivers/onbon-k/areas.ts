/** From a scene to the dynamic areas of a card, and from those to the frames that carry them. Pure. */
import { onbonK } from '@hall/wire';
import type { Scene, SceneItem } from '@hall/templates';
import type { Replacement } from '../driver.ts';
import type { OnbonKSettings } from './settings.ts';

export interface TextArea {
  readonly item: SceneItem;
  readonly area: Omit<onbonK.DynamicArea, 'timeoutS'>;
  readonly text: string;
  readonly replaced: readonly Replacement[];
}

export type AreaSettings = Pick<OnbonKSettings, 'charset' | 'unit' | 'font16' | 'font32'>;

/** Header of an area in a frame: its length field and 27 fixed bytes (Onbon K protocol, dynamic area body). */
const AREA_OVERHEAD_BYTES = 29;
/** Room for areas in one frame; leaves place for the command and the list of deleted areas. */
const FRAME_BYTES = onbonK.MAX_DATA_BYTES - 300;

const unitRules = { px_bit15: 'marked_pixels', units8: 'eight_pixels', px: 'plain_pixels' } as const;

/** By id, which is the number of the item in its scene. */
export type Areas = ReadonlyMap<number, TextArea>;

/** Every item of a scene as an area. What `before` has already is taken from there: a call changes one or two of six. */
export const areasOf = (scene: Scene, settings: AreaSettings, before: Areas = new Map()): Areas =>
  new Map(
    scene.items.map((item) => {
      const held = before.get(item.area);
      return [item.area, held && isSameItem(held.item, item) ? held : areaOf(item, settings)];
    }),
  );

const isSameItem = (one: SceneItem, other: SceneItem): boolean =>
  (Object.keys(one) as (keyof SceneItem)[]).every((key) => one[key] === other[key]);

function areaOf(item: SceneItem, { charset, unit, font16, font32 }: AreaSettings): TextArea {
  const font = item.fontPx === 32 ? font32 : font16;
  const { bytes, replaced } = onbonK.composeText(
    [{ chineseFont: font }, { asciiFont: font }, { colour: item.ink }, { text: item.text }],
    charset,
  );
  const rule = unitRules[unit];
  // In 8-px units an area that starts or ends between two of them grows to the next.
  const left = unit === 'units8' ? Math.floor(item.xPx / 8) * 8 : item.xPx;
  const right = unit === 'units8' ? Math.ceil((item.xPx + item.widthPx) / 8) * 8 : item.xPx + item.widthPx;
  return {
    item,
    area: {
      id: item.area,
      x: onbonK.across(left, rule),
      yPx: item.yPx,
      width: onbonK.across(right - left, rule),
      heightPx: item.heightPx,
      lineSpacePx: 0,
      // A card that is cut off hides the text when the time-out ends, without anybody's help.
      runMode: onbonK.runModes.hideAfterTimeout,
      horizontal: item.align,
      vertical: 'centre',
      lines: 1,
      lineBreak: 1,
      displayMode: onbonK.displayModes.static,
      exitMode: 0,
      speed: 0,
      stayHalfS: 0,
      text: bytes,
    },
    text: item.text,
    replaced,
  };
}

/** What one frame carries of a picture. */
export interface Part {
  /** Areas of the picture before that this one does not have. */
  readonly remove: readonly number[];
  readonly areas: readonly TextArea[];
}

/** A whole picture in the fewest frames: one, unless it is larger than a frame. Areas are removed by the first. */
export function partsOf(areas: Iterable<TextArea>, remove: readonly number[]): readonly Part[] {
  const groups: TextArea[][] = [[]];
  let bytes = 0;
  for (const one of areas) {
    const size = AREA_OVERHEAD_BYTES + one.area.text.length;
    if (bytes > 0 && bytes + size > FRAME_BYTES) {
      groups.push([]);
      bytes = 0;
    }
    groups.at(-1)?.push(one);
    bytes += size;
  }
  return groups.map((group, at) => ({ remove: at === 0 ? remove : [], areas: group }));
}

/** `processMode` 1 clears the card first; all areas hide by themselves after `timeoutS`. */
export const requestFor = ({ remove, areas }: Part, processMode: 0 | 1, timeoutS: number): onbonK.Request => ({
  kind: 'dynamic_areas',
  processMode,
  remove,
  areas: areas.map(({ area }) => ({ ...area, timeoutS })),
});
