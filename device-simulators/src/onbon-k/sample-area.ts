import { onbonK } from '@hall/wire';

/** An area of 64x16 px that stays. */
export function sampleArea(
  id: number,
  more: Partial<Omit<onbonK.DynamicArea, 'text'>> & { text?: string; parts?: readonly onbonK.TextPart[] } = {},
): onbonK.DynamicArea {
  const { text = 'A', parts, ...rest } = more;
  return {
    id,
    x: { px: 0 },
    yPx: 0,
    width: { px: 64 },
    heightPx: 16,
    lineSpacePx: 0,
    runMode: onbonK.runModes.stayOnLast,
    timeoutS: 0,
    horizontal: 'left',
    vertical: 'top',
    lines: 1,
    lineBreak: 1,
    displayMode: onbonK.displayModes.immediate,
    exitMode: 0,
    speed: 0,
    stayHalfS: 8,
    ...rest,
    text: onbonK.composeText(parts ?? [{ text }], 'gbk').bytes,
  };
}
