/** Reads about commands and batches. */
import type { BatchView, CommandAct, CommandEnd, CommandHistory, CommandState, CommandView } from '@hall/contracts';
import type { Database } from '../../platform/store/database.ts';

export interface CommandRow {
  readonly seq: number;
  readonly id: string;
  readonly batch: string | null;
  readonly agent: string;
  readonly device: string | null;
  readonly act: CommandAct;
  readonly arguments: string;
  readonly within_s: number;
  readonly person: string;
  readonly created_at: number;
  readonly deadline_at: number | null;
  readonly state: CommandState;
  readonly since: number;
  readonly install_id: string | null;
  readonly cancel_asked: number;
  readonly ended: string | null;
  readonly rev: number;
}
interface BatchRow {
  readonly id: string;
  readonly act: CommandAct;
  readonly arguments: string;
  readonly within_s: number;
  readonly person: string;
  readonly created_at: number;
  readonly stopped: number;
  readonly takes_back: string | null;
}
interface StepRow {
  readonly at: number;
  readonly state: CommandState;
  readonly detail: string;
}

export const endOf = ({ ended }: Pick<CommandRow, 'ended'>): CommandEnd | null =>
  ended === null ? null : (JSON.parse(ended) as CommandEnd);
const argumentsOf = (row: { readonly arguments: string }) => JSON.parse(row.arguments) as Record<string, unknown>;

/** Log lines are long: lists and messages say how many there are, the command itself has them. */
function shortEnd(end: CommandEnd | null): CommandEnd | null {
  const lines = end?.evidence?.['lines'];
  return Array.isArray(lines) ? ({ ...end, evidence: { lines: lines.length } } as CommandEnd) : end;
}

export const commandView = (row: CommandRow): CommandView => ({
  id: row.id,
  batch: row.batch,
  act: row.act,
  agent: row.agent,
  device: row.device,
  arguments: argumentsOf(row),
  person: row.person,
  createdAt: row.created_at,
  deadlineAt: row.deadline_at,
  state: row.state,
  since: row.since,
  cancelAsked: row.cancel_asked === 1,
  end: shortEnd(endOf(row)),
});

export interface CommandQuery {
  readonly device?: string;
  readonly agent?: string;
  readonly limit: number;
}

export interface CommandStore {
  /** Not ended, oldest first. */
  open(): CommandRow[];
  get(id: string): CommandRow | undefined;
  /** Newest first. */
  list(query: CommandQuery): CommandView[];
  history(id: string): CommandHistory | undefined;
  /** Changed after a revision, in the order of the changes. */
  after(rev: number): CommandRow[];
  newestRev(): number;
  /** The newest command of each device of a batch, in the order they were given. */
  ofBatch(batch: string): CommandRow[];
  batch(id: string): (BatchView & { readonly withinS: number }) | undefined;
  /** Newest first, at most `limit`. */
  batches(limit: number): BatchView[];
}

/** Reads on a read-only connection. */
export function createCommandStore(db: Database): CommandStore {
  const open = db.prepare<[], CommandRow>("SELECT * FROM commands WHERE state <> 'ended' ORDER BY seq");
  const get = db.prepare<[string], CommandRow>('SELECT * FROM commands WHERE id = ?');
  const list = db.prepare<{ device: string | null; agent: string | null; limit: number }, CommandRow>(
    `SELECT * FROM commands WHERE (:device IS NULL OR device = :device) AND (:agent IS NULL OR (agent = :agent AND device IS NULL))
     ORDER BY seq DESC LIMIT :limit`,
  );
  const steps = db.prepare<[string], StepRow>('SELECT at, state, detail FROM command_steps WHERE command = ? ORDER BY number');
  const after = db.prepare<[number], CommandRow>('SELECT * FROM commands WHERE rev > ? ORDER BY rev');
  const newest = db.prepare<[], number>('SELECT coalesce(max(rev), 0) FROM commands').pluck();
  const ofBatch = db.prepare<[string], CommandRow>('SELECT * FROM commands WHERE batch = ? ORDER BY seq');
  const batch = db.prepare<[string], BatchRow>('SELECT * FROM command_batches WHERE id = ?');
  const batches = db.prepare<[number], BatchRow>('SELECT * FROM command_batches ORDER BY seq DESC LIMIT ?');

  const newestOf = (id: string): CommandRow[] => {
    const rows = ofBatch.all(id);
    const byDevice = new Map(rows.map((row) => [row.device, row]));
    return [...byDevice.values()];
  };
  const batchView = (row: BatchRow): BatchView => ({
    id: row.id,
    act: row.act,
    arguments: argumentsOf(row),
    person: row.person,
    createdAt: row.created_at,
    stopped: row.stopped === 1,
    takesBack: row.takes_back,
    commands: newestOf(row.id).map(commandView),
  });
  return {
    open: () => open.all(),
    get: (id) => get.get(id),
    list: ({ device = null, agent = null, limit }) => list.all({ device, agent, limit }).map(commandView),
    history: (id) => {
      const row = get.get(id);
      if (!row) return undefined;
      const own = steps
        .all(id)
        .map(({ at, state, detail }) => ({ at, state, detail: JSON.parse(detail) as Record<string, unknown> }));
      return { command: { ...commandView(row), end: endOf(row) }, steps: own };
    },
    after: (rev) => after.all(rev),
    newestRev: () => newest.get() ?? 0,
    ofBatch: newestOf,
    batch: (id) => {
      const row = batch.get(id);
      return row && { ...batchView(row), withinS: row.within_s };
    },
    batches: (limit) => batches.all(limit).map(batchView),
  };
}
