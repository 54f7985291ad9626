/** The lines of a history graph. Pure; coordinates are of the view box, y grows downwards. */
import type { MeasurementPoint } from '@hall/contracts';

export interface Box {
  readonly width: number;
  readonly height: number;
}
export interface Graph {
  /** SVG path of the means. */
  readonly line: string;
  /** SVG path of the band from least to most; '' where every point is one reading. */
  readonly band: string;
  readonly least: number;
  readonly most: number;
}

const short = (value: number): string => String(Math.round(value * 10) / 10);

/** Undefined without points. A measurement that never changes is a line in the middle. */
export function graphOf(
  points: readonly MeasurementPoint[],
  from: number,
  to: number,
  { width, height }: Box,
): Graph | undefined {
  if (points.length === 0) return undefined;
  const least = Math.min(...points.map(({ min }) => min));
  const most = Math.max(...points.map(({ max }) => max));
  const x = ({ at, stepMs }: MeasurementPoint) => {
    const middle = Math.min(Math.max(at + stepMs / 2, from), to);
    return to === from ? width / 2 : ((middle - from) / (to - from)) * width;
  };
  const y = (value: number) => (most === least ? height / 2 : height - ((value - least) / (most - least)) * height);
  const at = (point: MeasurementPoint, value: number) => `${short(x(point))} ${short(y(value))}`;
  const line = `M${points.map((point) => at(point, point.mean)).join('L')}`;
  if (points.every(({ min, max }) => min === max)) return { line, band: '', least, most };
  const above = points.map((point) => at(point, point.max));
  const below = points.toReversed().map((point) => at(point, point.min));
  return { line, band: `M${[...above, ...below].join('L')}Z`, least, most };
}

/** A number for reading: at most two decimals. */
export const numberText = (value: number): string => (Math.round(value * 100) / 100).toLocaleString('en');
