/** Which devices are to run and how that differs from what runs. Pure. */
import type { Device, DocumentVersion, Payload, ScreenPlan } from '@hall/contracts';

export type Document = Payload<'desired'>;

export type Step =
  | { readonly do: 'start'; readonly document: Document }
  /** Driver or settings differ: the link has to be opened anew. */
  | { readonly do: 'restart'; readonly document: Document }
  /** Only what is shown differs. */
  | { readonly do: 'replan'; readonly document: Document }
  | { readonly do: 'stop'; readonly device: string };

/** Whether a document takes the place of the one held: another generation, or a higher version of the same. */
export const isNewer = (incoming: DocumentVersion, held: DocumentVersion | undefined): boolean =>
  held === undefined || incoming.gen !== held.gen || incoming.ver > held.ver;

/** The steps that turn what runs into what is desired; stops first, so that a shared cable is free. */
export function reconcile(desired: ReadonlyMap<string, Document>, running: ReadonlyMap<string, Document>): readonly Step[] {
  const stops: Step[] = [];
  const others: Step[] = [];
  for (const device of running.keys()) if (!desired.has(device)) stops.push({ do: 'stop', device });
  for (const [id, document] of desired) {
    const now = running.get(id);
    if (!now) others.push({ do: 'start', document });
    else if (!sameLink(now.device, document.device)) others.push({ do: 'restart', document });
    else if (now.version.gen !== document.version.gen || now.version.ver !== document.version.ver) {
      others.push({ do: 'replan', document });
    }
  }
  return [...stops, ...others];
}

const sameLink = (one: Device, other: Device): boolean =>
  one.driver === other.driver && sameJson(one.settings, other.settings) && isSameSize(one, other);

export const isSameSize = (one: Device, other: Device): boolean =>
  one.screen?.widthPx === other.screen?.widthPx && one.screen?.heightPx === other.screen?.heightPx;

const sameJson = (one: unknown, other: unknown): boolean => JSON.stringify(one) === JSON.stringify(other);

/** The plan of a document that has a screen to show it on. */
export const planOf = ({ device, plan }: Document): ScreenPlan | undefined => (device.screen ? plan : undefined);
