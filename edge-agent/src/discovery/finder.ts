/** The contract between a finder, which a driver may bring, and the search that runs it. */
import type { Clock, FoundDevice } from '@hall/contracts';
import type { Logger } from 'pino';

export type { FoundDevice } from '@hall/contracts';

/** A network this machine stands in. */
export interface OwnNetwork {
  /** Of this machine. */
  readonly address: string;
  readonly broadcast: string;
}

export interface SerialPortInfo {
  /** The name that stays when the adapter is plugged elsewhere, `/dev/serial/by-id/…`, where there is one. */
  readonly path: string;
  /** What the system knows of the adapter, for people. */
  readonly about?: string;
}

/** Which device of this agent is driven somewhere. Whatever is in use is not asked: a controller has one session. */
export interface PlacesInUse {
  network(host: string, port: number): string | undefined;
  serial(path: string): string | undefined;
}

export interface FinderContext {
  readonly clock: Clock;
  readonly log: Logger;
  /** IPv4 addresses to ask, each once. */
  readonly addresses: readonly string[];
  /** Networks that may be asked by broadcast; none where the search was narrowed to given addresses. */
  readonly networks: readonly OwnNetwork[];
  /** TCP ports instead of the finder's usual ones. */
  readonly ports?: readonly number[];
  readonly serialPorts: readonly SerialPortInfo[];
  readonly inUse: PlacesInUse;
  /** There are so many more places to ask. */
  toAsk(places: number): void;
  /** One place was asked, whatever it answered. */
  asked(): void;
}

/** Asks, never writes; opens no second session to a device in use; ends soon after the signal. */
export interface DeviceFinder {
  /** Stored and shown; never renamed. */
  readonly id: string;
  readonly title: string;
  /** What it meets, as it meets it. A place in use is told as `known` without being asked. */
  find(context: FinderContext, signal: AbortSignal): AsyncIterable<FoundDevice>;
}
