/** Takes commands from people: checks them against what there is, and gives them into the store. */
import { randomUUID } from 'node:crypto';
import { argumentsFor, HallError, ruleOf, type AgentView, type CommandAct, type Device } from '@hall/contracts';
import type { Writer } from '../../platform/store/writer.ts';
import type { Asker } from '../audit/chain.ts';
import { toResume, waysBack, type Member } from './batch-rules.ts';
import type { CommandService } from './service.ts';
import { commandView, endOf, type CommandRow, type CommandStore } from './store.ts';

export interface DeskOptions {
  readonly store: CommandStore;
  readonly writer: Pick<Writer, 'call'>;
  readonly agents: () => readonly AgentView[];
  readonly devices: () => readonly Device[];
}

export const memberOf = (row: CommandRow): Member => ({
  id: row.id,
  device: row.device ?? '',
  state: row.state,
  released: row.deadline_at !== null,
  end: endOf(row),
});

export function createDesk({ store, writer, agents, devices }: DeskOptions): CommandService {
  /** @throws HallError INPUT_INVALID. */
  function checked(act: CommandAct, request: { arguments?: Record<string, unknown>; withinS?: number }) {
    const args = argumentsFor(act, request.arguments);
    if (!args) throw new HallError('INPUT_INVALID', { field: '/arguments', expected: `the arguments of ${act}` });
    const { default: usual, largest } = ruleOf(act).withinS;
    const withinS = request.withinS ?? usual;
    if (withinS > largest) throw new HallError('INPUT_INVALID', { field: '/withinS', expected: `at most ${largest}` });
    return { act, arguments: args, withinS };
  }

  /** The agent of a device whose driver does the act. @throws HallError NOT_FOUND, ACT_UNSUPPORTED. */
  function agentFor(act: CommandAct, id: string, field: string): string {
    const device = devices().find((one) => one.id === id);
    if (!device) throw new HallError('NOT_FOUND', { field });
    const drivers = agents().find((agent) => agent.id === device.agent)?.drivers ?? [];
    const acts = drivers.find((driver) => driver.id === device.driver)?.acts ?? [];
    if (ruleOf(act).to === 'agent' || !acts.includes(act)) throw new HallError('ACT_UNSUPPORTED', { field: '/act', device: id });
    return device.agent;
  }

  const rowOf = (id: string): CommandRow => {
    const row = store.get(id);
    if (!row) throw new HallError('NOT_FOUND', { field: '/id' });
    return row;
  };
  const batchOf = (id: string) => {
    const batch = store.batch(id);
    if (!batch) throw new HallError('NOT_FOUND', { field: '/id' });
    return batch;
  };
  const shown = (id: string) => {
    const { withinS: _, ...view } = batchOf(id);
    return view;
  };
  const newCommands = (act: CommandAct, ids: readonly string[]) =>
    ids.map((device, at) => ({ id: randomUUID(), agent: agentFor(act, device, `/devices/${at}`), device }));

  async function newBatch(
    asker: Asker,
    what: ReturnType<typeof checked>,
    ids: readonly string[],
    takesBack?: string,
  ): Promise<string> {
    const id = randomUUID();
    const batch = { id, isNew: true, ...(takesBack === undefined ? {} : { takesBack }) };
    await writer.call('commands.give', { ...asker, ...what, commands: newCommands(what.act, ids), object: id, batch });
    return id;
  }

  return {
    list: store.list,
    rows: (ids) => ids.flatMap((id) => store.get(id) ?? []).map(commandView),
    get: (id) => {
      const history = store.history(id);
      if (!history) throw new HallError('NOT_FOUND', { field: '/id' });
      return history;
    },
    async give(asker, { act, device, agent, ...request }) {
      const what = checked(act, request);
      if ((device === undefined) === (agent === undefined))
        throw new HallError('INPUT_INVALID', { field: '/device', expected: 'either a device or an agent' });
      const id = randomUUID();
      if (device !== undefined) {
        const commands = [{ id, agent: agentFor(act, device, '/device'), device }];
        await writer.call('commands.give', { ...asker, ...what, commands, object: device });
        return commandView(rowOf(id));
      }
      if (!agents().some((one) => one.id === agent)) throw new HallError('AGENT_UNKNOWN', { field: '/agent' });
      if (ruleOf(act).to === 'device') throw new HallError('ACT_UNSUPPORTED', { field: '/act' });
      const commands = [{ id, agent: agent ?? '', device: null }];
      await writer.call('commands.give', { ...asker, ...what, commands, object: agent ?? '' });
      return commandView(rowOf(id));
    },
    async cancel(asker, id) {
      await writer.call('commands.cancel', { ...asker, id });
      return commandView(rowOf(id));
    },
    batches: store.batches,
    batch: shown,
    async giveMany(asker, { act, devices: ids, ...request }) {
      return shown(await newBatch(asker, checked(act, request), ids));
    },
    async stop(asker, id) {
      batchOf(id);
      await writer.call('commands.stop', { ...asker, id });
      return shown(id);
    },
    async resume(asker, id) {
      const { act, arguments: args, withinS } = batchOf(id);
      const ids = toResume(store.ofBatch(id).map(memberOf));
      if (ids.length === 0) return shown(id);
      const what = { act, arguments: args, withinS };
      await writer.call('commands.give', {
        ...asker,
        ...what,
        commands: newCommands(act, ids),
        object: id,
        batch: { id, isNew: false },
      });
      return shown(id);
    },
    async rollBack(asker, id) {
      const { act, withinS } = batchOf(id);
      const ways = waysBack(act, store.ofBatch(id).map(memberOf));
      if (act !== 'black' && act !== 'brightness') throw new HallError('ACT_UNSUPPORTED', { field: '/act' });
      const made: string[] = [];
      for (const way of ways) made.push(await newBatch(asker, { ...way, withinS }, way.devices, id));
      return made.map(shown);
    },
  };
}
