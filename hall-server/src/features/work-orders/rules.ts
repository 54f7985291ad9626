/** The life of a work order and how long repairs take. Pure. */
import { nextWorkOrderStates, type RepairRow, type WorkOrder, type WorkOrderState } from '@hall/contracts';

/** An order that goes nowhere from here. */
export const isOver = (state: WorkOrderState): boolean => nextWorkOrderStates[state].length === 0;

/** Moments of an order after a change of state; the first beginning counts. */
export function afterChange(
  { begunAt, endedAt }: Pick<WorkOrder, 'begunAt' | 'endedAt'>,
  state: WorkOrderState,
  now: number,
): Pick<WorkOrder, 'begunAt' | 'endedAt'> {
  return { begunAt: begunAt ?? (state === 'begun' || state === 'done' ? now : null), endedAt: isOver(state) ? now : endedAt };
}

export interface Repair {
  readonly kind: string;
  readonly faultAt: number;
  readonly endedAt: number;
  readonly workMin: number | null;
}
const mean = (numbers: readonly number[]): number => numbers.reduce((sum, number) => sum + number, 0) / numbers.length;

/** Mean time to repair of each kind, the slowest first. An order cannot end before its fault began: a clock was wrong. */
export function repairTimes(repairs: readonly Repair[]): RepairRow[] {
  const kinds = [...new Set(repairs.map(({ kind }) => kind))];
  return kinds
    .map((kind) => {
      const own = repairs.filter((repair) => repair.kind === kind);
      const spans = own.map(({ faultAt, endedAt }) => Math.max(0, endedAt - faultAt));
      const work = own.flatMap(({ workMin }) => workMin ?? []);
      return {
        kind,
        done: own.length,
        meanMs: mean(spans),
        longestMs: Math.max(...spans),
        meanWorkMin: work.length === 0 ? null : mean(work),
      };
    })
    .toSorted((a, b) => b.meanMs - a.meanMs || (a.kind < b.kind ? -1 : 1));
}
