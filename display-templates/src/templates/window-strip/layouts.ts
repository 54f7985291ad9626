/**
 * Where the six contents of a window strip stand. 16 px is the least for a Chinese character on an LED strip and 32 px is
 * advised for numbers: at a pitch of 4.75 mm that is 76 mm and 152 mm, good to 15 m and 30 m at the 5 mm of height per metre
 * of distance that a Chinese character wants. So the number and the ticket get 32 px wherever two lines are there.
 */
import type { Slot } from '../../slot.ts';
import type { Size } from '../../template.ts';

/** What a slot says. `identity`: department, services and staff in one line. `brief`: everything in one place. */
export type Content = 'number' | 'department' | 'services' | 'staff' | 'identity' | 'state' | 'ticket' | 'brief';

export type Layout = readonly (Slot & { readonly content: Content })[];

const big = [32, 16] as const;
const small = [16] as const;

const layouts: Readonly<Record<string, Layout>> = {
  '320x48': [
    { content: 'number', area: 0, xPx: 0, yPx: 8, widthPx: 48, heightPx: 32, fonts: big, align: 'centre' },
    { content: 'department', area: 1, xPx: 48, yPx: 0, widthPx: 144, heightPx: 16, fonts: small, align: 'left' },
    { content: 'services', area: 2, xPx: 48, yPx: 16, widthPx: 144, heightPx: 16, fonts: small, align: 'left' },
    { content: 'state', area: 3, xPx: 48, yPx: 32, widthPx: 144, heightPx: 16, fonts: small, align: 'left' },
    { content: 'staff', area: 4, xPx: 192, yPx: 0, widthPx: 128, heightPx: 16, fonts: small, align: 'right' },
    { content: 'ticket', area: 5, xPx: 192, yPx: 16, widthPx: 128, heightPx: 32, fonts: big, align: 'right' },
  ],
  '256x32': [
    { content: 'number', area: 0, xPx: 0, yPx: 0, widthPx: 48, heightPx: 32, fonts: big, align: 'centre' },
    { content: 'identity', area: 1, xPx: 48, yPx: 0, widthPx: 128, heightPx: 16, fonts: small, align: 'left' },
    { content: 'state', area: 3, xPx: 48, yPx: 16, widthPx: 128, heightPx: 16, fonts: small, align: 'left' },
    { content: 'ticket', area: 5, xPx: 176, yPx: 0, widthPx: 80, heightPx: 32, fonts: big, align: 'right' },
  ],
  '192x32': [
    { content: 'number', area: 0, xPx: 0, yPx: 0, widthPx: 32, heightPx: 32, fonts: big, align: 'centre' },
    { content: 'identity', area: 1, xPx: 32, yPx: 0, widthPx: 96, heightPx: 16, fonts: small, align: 'left' },
    { content: 'state', area: 3, xPx: 32, yPx: 16, widthPx: 96, heightPx: 16, fonts: small, align: 'left' },
    { content: 'ticket', area: 5, xPx: 128, yPx: 0, widthPx: 64, heightPx: 32, fonts: big, align: 'right' },
  ],
  '128x32': [
    { content: 'number', area: 0, xPx: 0, yPx: 0, widthPx: 64, heightPx: 16, fonts: small, align: 'left' },
    { content: 'state', area: 3, xPx: 0, yPx: 16, widthPx: 64, heightPx: 16, fonts: small, align: 'left' },
    { content: 'ticket', area: 5, xPx: 64, yPx: 0, widthPx: 64, heightPx: 32, fonts: big, align: 'right' },
  ],
  '64x16': [{ content: 'brief', area: 0, xPx: 0, yPx: 0, widthPx: 64, heightPx: 16, fonts: small, align: 'centre' }],
};

/** The layout of one of the template's own sizes; nothing for any other. */
export const layoutOf = (size: Size): Layout => layouts[`${size.widthPx}x${size.heightPx}`] ?? [];
