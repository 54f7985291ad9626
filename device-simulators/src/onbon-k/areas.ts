/** The dynamic areas in a card's RAM: what a request does to them, and when they vanish. Pure. */
import { onbonK } from '@hall/wire';

/** A dynamic area as the card holds it. Positions are resolved to pixels. */
export interface CardArea {
  readonly id: number;
  readonly xPx: number;
  readonly yPx: number;
  readonly widthPx: number;
  readonly heightPx: number;
  readonly sent: onbonK.DynamicArea;
  readonly parts: readonly onbonK.TextPart[];
  /** The text a reader sees, `\n` between lines; clock fields as HH, MM, SS. */
  readonly text: string;
  /** Machine time of the request that brought it, ms. */
  readonly updatedMs: number;
  /** Machine time at which it vanishes by itself; absent: never. */
  readonly vanishesMs?: number;
}
export type CardAreas = ReadonlyMap<number, CardArea>;

export interface CardLimits {
  readonly widthPx: number;
  readonly heightPx: number;
  /** How many areas the RAM holds. */
  readonly maxAreas: number;
  /** Pixels per unit of an X or width whose bit 15 is clear: 8 on 5K cards, 1 on 6K cards. */
  readonly unmarkedUnitPx: 1 | 8;
  readonly charset: onbonK.Charset;
}

type AreasRequest = Extract<onbonK.Request, { kind: 'dynamic_areas' }>;

/** The areas after a request; all of it or, with the error of the refusal, nothing. */
export function applyAreas(
  areas: CardAreas,
  request: AreasRequest,
  limits: CardLimits,
  nowMs: number,
): CardAreas | onbonK.CardError {
  const next = new Map(request.processMode === 1 || request.remove === 'all' ? [] : areas);
  if (request.remove !== 'all') for (const id of request.remove) next.delete(id);
  for (const sent of request.areas) {
    const area = place(sent, limits, nowMs, areas.get(sent.id));
    // assumed: a card refuses what does not fit its screen; no document names the number.
    if (!area) return 'download';
    next.delete(sent.id);
    next.set(sent.id, area);
  }
  // assumed: the limit counts all areas held, and running out of it is a memory error.
  return next.size > limits.maxAreas ? 'memory' : next;
}

/** `before` is what the area held: most requests bring the same words again. */
function place(sent: onbonK.DynamicArea, limits: CardLimits, nowMs: number, before?: CardArea): CardArea | undefined {
  const toPx = (value: onbonK.Across) => ('px' in value ? value.px : value.unmarked * limits.unmarkedUnitPx);
  const [xPx, widthPx] = [toPx(sent.x), toPx(sent.width)];
  const fits = xPx + widthPx <= limits.widthPx && sent.yPx + sent.heightPx <= limits.heightPx;
  if (!fits || widthPx === 0 || sent.heightPx === 0) return undefined;
  const words = before && Buffer.compare(before.sent.text, sent.text) === 0 ? before : wordsOf(sent, limits);
  const vanishes = sent.runMode === onbonK.runModes.hideAfterTimeout || sent.runMode === onbonK.runModes.logoAfterTimeout;
  return {
    id: sent.id,
    xPx,
    yPx: sent.yPx,
    widthPx,
    heightPx: sent.heightPx,
    sent: { ...sent, text: words.sent.text },
    parts: words.parts,
    text: words.text,
    updatedMs: nowMs,
    // assumed: a time-out of 0 is none.
    ...(vanishes && sent.timeoutS > 0 ? { vanishesMs: nowMs + sent.timeoutS * 1000 } : {}),
  };
}

function wordsOf(sent: onbonK.DynamicArea, { charset }: CardLimits): Pick<CardArea, 'sent' | 'parts' | 'text'> {
  const parts = onbonK.parseText(sent.text).map((part) => ('text' in part ? { text: drawable(part.text, charset) } : part));
  return { sent, parts, text: onbonK.shownText(parts) };
}

/** What the card's font makes of a text; ASCII is in every font. */
const drawable = (text: string, charset: onbonK.Charset): string =>
  Array.from(text, (char) => (char < '\u0080' ? char : onbonK.encodeText(char, charset).shown)).join('');

/** The areas whose time-out has not passed. */
export function withoutVanished(areas: CardAreas, nowMs: number): CardAreas {
  const kept = [...areas].filter(([, { vanishesMs = Infinity }]) => vanishesMs > nowMs);
  return kept.length === areas.size ? areas : new Map(kept);
}

/** When the next area vanishes, machine ms; undefined when none will. */
export function nextVanishMs(areas: CardAreas): number | undefined {
  const times = [...areas.values()].flatMap(({ vanishesMs }) => vanishesMs ?? []);
  return times.length > 0 ? Math.min(...times) : undefined;
}
