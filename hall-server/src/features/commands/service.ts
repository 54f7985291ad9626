/** What others may ask about commands. */
import type { BatchRequest, BatchView, CommandHistory, CommandRequest, CommandView } from '@hall/contracts';
import type { Asker } from '../audit/chain.ts';
import type { CommandQuery } from './store.ts';

export interface CommandService {
  /** Newest first. */
  list(query: CommandQuery): CommandView[];
  /** Those of these ids that there are. */
  rows(ids: readonly string[]): CommandView[];
  /** @throws HallError NOT_FOUND. */
  get(id: string): CommandHistory;
  /** The command with its id; it is under way. @throws HallError INPUT_INVALID, NOT_FOUND, AGENT_UNKNOWN, ACT_UNSUPPORTED. */
  give(asker: Asker, request: CommandRequest): Promise<CommandView>;
  /** @throws HallError NOT_FOUND, COMMAND_ENDED. */
  cancel(asker: Asker, id: string): Promise<CommandView>;
  batches(limit: number): BatchView[];
  /** @throws HallError NOT_FOUND. */
  batch(id: string): BatchView;
  /** @throws HallError as `give`; then nothing was given to anybody. */
  giveMany(asker: Asker, request: BatchRequest): Promise<BatchView>;
  /** Cancels what has not begun. @throws HallError NOT_FOUND. */
  stop(asker: Asker, id: string): Promise<BatchView>;
  /** Gives it again to the devices that have not done it. @throws HallError NOT_FOUND. */
  resume(asker: Asker, id: string): Promise<BatchView>;
  /** Gives the way back to the devices that have; one batch for each state they go back to. @throws HallError NOT_FOUND, ACT_UNSUPPORTED. */
  rollBack(asker: Asker, id: string): Promise<BatchView[]>;
}
