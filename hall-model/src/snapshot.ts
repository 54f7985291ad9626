/** A platform's full state with its times read, and what it says about single tickets and windows. */
import { HallError, type PlatformSnapshot } from '@hall/contracts';
import { parseTime } from './source-time.ts';
import { unknownTicket, type TicketFacts } from './ticket.ts';
import { unknownWindow, type WindowFacts } from './window.ts';

type Given = PlatformSnapshot;
type TicketTimes = 'issuedAt' | 'calledAt';

export interface SnapshotTicket extends Omit<Given['tickets'][number], TicketTimes> {
  /** Unix ms. */
  readonly issuedAt: number;
  readonly calledAt: number | undefined;
}
export interface SnapshotWindow extends Omit<Given['windows'][number], 'expectedReturnAt'> {
  /** Unix ms. */
  readonly expectedReturnAt: number | undefined;
}
/** `PlatformSnapshot` with Unix ms for every time. */
export interface HallSnapshot {
  readonly source: string;
  /** The moment of the source that it shows, Unix ms. */
  readonly time: number;
  readonly tickets: readonly SnapshotTicket[];
  readonly windows: readonly SnapshotWindow[];
}

function read(text: string, field: string): number {
  const ms = parseTime(text);
  if (ms === undefined) throw new HallError('SNAPSHOT_INVALID', { field, expected: 'RFC 3339 date and time with zone' });
  return ms;
}
const readOptional = (text: string | undefined, field: string) => (text === undefined ? undefined : read(text, field));

/** Reads the times of a schema-valid snapshot. Throws SNAPSHOT_INVALID with the field of a time that does not exist. */
export function parseSnapshot(snapshot: PlatformSnapshot): HallSnapshot {
  return {
    source: snapshot.source,
    time: read(snapshot.time, '/time'),
    tickets: snapshot.tickets.map((ticket, at) => ({
      ...ticket,
      issuedAt: read(ticket.issuedAt, `/tickets/${at}/issuedAt`),
      calledAt: readOptional(ticket.calledAt, `/tickets/${at}/calledAt`),
    })),
    windows: snapshot.windows.map((window, at) => ({
      ...window,
      expectedReturnAt: readOptional(window.expectedReturnAt, `/windows/${at}/expectedReturnAt`),
    })),
  };
}

/** The facts of a ticket that a snapshot names. */
export function ticketOfSnapshot(given: SnapshotTicket): TicketFacts {
  const { state, ticket, service, window, issuedAt, calledAt, callNumber, priority = 'normal' } = given;
  const atWindow = window !== undefined && (state === 'called' || state === 'serving');
  return {
    ...unknownTicket,
    state,
    ticket,
    service,
    window,
    priority,
    issuedAt,
    firstCalledAt: calledAt,
    calledAt,
    callNumber: callNumber ?? (atWindow ? 1 : 0),
    calls: atWindow ? [{ window, at: calledAt ?? issuedAt }] : [],
  };
}

/** The facts of a window that a snapshot names. */
export function windowOfSnapshot(given: SnapshotWindow, time: number): WindowFacts {
  const { state, reason, expectedReturnAt, staff, services } = given;
  const paused = state === 'paused';
  return {
    ...unknownWindow,
    condition: state === 'fault' ? 'open' : state,
    fault: state === 'fault',
    reason: paused ? (reason ?? 'other') : undefined,
    expectedReturnAt: paused ? expectedReturnAt : undefined,
    staff,
    services,
    changedAt: time,
  };
}
