/** Where bytes go and come from. Drivers see this and nothing lower. */
export interface Transport {
  /** `tcp://10.0.0.5:5005`, `serial:/dev/ttyUSB0`; used in logs and errors. */
  readonly label: string;
  /** @throws HallError DEVICE_OFFLINE when the other end cannot be reached within the transport's own limit. */
  connect(signal: AbortSignal): Promise<Connection>;
}

export interface Connection {
  /** Resolves when the bytes were handed on; rejects when the connection is gone. */
  send(bytes: Uint8Array): Promise<void>;
  /** Calls back with every chunk; chunk borders mean nothing. One listener. */
  onBytes(listener: (bytes: Uint8Array) => void): void;
  /** Settles once, with the reason; never rejects. */
  readonly closed: Promise<Error | undefined>;
  close(): Promise<void>;
}
