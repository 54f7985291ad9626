/** The store thread: owns the SQLite connection, so that a slow disk never stalls the loop that talks to strips. */
import { parentPort, receiveMessageOnPort, workerData } from 'node:worker_threads';
import { runTogether, type Call } from './calls.ts';
import { openDatabase, type Db } from './database.ts';

const port = parentPort;
if (!port) throw new Error('The store runs as a worker thread only.');

/** Calls taken into one transaction at most, so that the first of a flood does not wait for the last. */
const MOST_TOGETHER = 512;

let db: Db;
try {
  db = openDatabase((workerData as { file: string }).file, (setAside) => port.postMessage({ damaged: setAside }));
} catch (error) {
  const { code, details } = error as { code?: string; details?: unknown };
  port.postMessage({ failed: error instanceof Error ? error.message : String(error), code, details });
  process.exit(1);
}

port.on('message', (first: Call | 'close') => {
  const batch: Call[] = [];
  let close = first === 'close';
  if (first !== 'close') batch.push(first);
  while (!close && batch.length < MOST_TOGETHER) {
    const next = receiveMessageOnPort(port) as { message: Call | 'close' } | undefined;
    if (!next) break;
    if (next.message === 'close') close = true;
    else batch.push(next.message);
  }
  if (batch.length > 0) port.postMessage({ replies: runTogether(db, batch) });
  if (close) {
    db.close();
    port.close();
  }
});
port.postMessage({ ready: true });
