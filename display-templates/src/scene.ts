/** A scene: what is to be seen, as placed text. Drivers turn it into device areas, `picture` into pixels, pages into HTML. */
export const inks = ['red', 'green', 'yellow'] as const;
export type Ink = (typeof inks)[number];

export interface SceneItem {
  /**
   * Stable number of the place within its template and size: the same area always has the same rectangle. Strips use 0 to
   * 31, drivers map them to device areas; boards use up to 255.
   */
  readonly area: number;
  readonly xPx: number;
  readonly yPx: number;
  readonly widthPx: number;
  readonly heightPx: number;
  /** One line, already cut to fit the width at `fontPx`. */
  readonly text: string;
  /** Height of a Chinese character; Latin characters are half as wide. */
  readonly fontPx: 16 | 32;
  readonly ink: Ink;
  readonly align: 'left' | 'centre' | 'right';
}

export interface Scene {
  readonly widthPx: number;
  readonly heightPx: number;
  readonly items: readonly SceneItem[];
}
