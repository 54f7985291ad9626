/** Work orders: what somebody does about an alarm or a device, and how long it took. */
import { Type, type Static } from 'typebox';
import { Id, UnixMs } from './ids.ts';
import { oneOf } from './words.ts';

const closed = { additionalProperties: false } as const;
const Nullable = <T extends import('typebox').TSchema>(schema: T) => Type.Union([schema, Type.Null()]);
/** Text without control characters but line breaks. */
const Text = (max: number) => Type.String({ maxLength: max, pattern: '^[^\\u0000-\\u0009\\u000b-\\u001f\\u007f-\\u009f]*$' });

export const workOrderStates = ['open', 'begun', 'waiting_part', 'done', 'cancelled'] as const;
export type WorkOrderState = (typeof workOrderStates)[number];
/** Where an order may go from each state; what is over stays over. */
export const nextWorkOrderStates: Readonly<Record<WorkOrderState, readonly WorkOrderState[]>> = {
  open: ['begun', 'waiting_part', 'done', 'cancelled'],
  begun: ['waiting_part', 'done', 'cancelled'],
  waiting_part: ['begun', 'done', 'cancelled'],
  done: [],
  cancelled: [],
};

export const WorkOrderNote = Type.Object(
  { at: UnixMs, by: Type.String(), state: Type.Optional(oneOf(workOrderStates)), text: Type.String() },
  closed,
);
export type WorkOrderNote = Static<typeof WorkOrderNote>;

export const WorkOrder = Type.Object(
  {
    id: Type.Integer(),
    /** Grows with every change. */
    ver: Type.Integer(),
    state: oneOf(workOrderStates),
    title: Type.String(),
    device: Nullable(Id),
    driver: Nullable(Id),
    alarm: Nullable(Type.String()),
    alarmType: Nullable(Type.String()),
    person: Type.String(),
    part: Type.String(),
    /** When the fault began; the alarm's beginning, else when the order was opened. */
    faultAt: UnixMs,
    openedAt: UnixMs,
    openedBy: Type.String(),
    begunAt: Nullable(UnixMs),
    endedAt: Nullable(UnixMs),
    /** Hands-on time as entered, minutes. */
    workMin: Nullable(Type.Integer()),
    notes: Type.Array(WorkOrderNote),
  },
  closed,
);
export type WorkOrder = Static<typeof WorkOrder>;

export const WorkOrderCreate = Type.Object(
  {
    title: Text(120),
    device: Type.Optional(Id),
    alarm: Type.Optional(Type.String({ minLength: 1, maxLength: 160 })),
    alarmType: Type.Optional(Type.String({ minLength: 1, maxLength: 64 })),
    faultAt: Type.Optional(UnixMs),
    person: Type.Optional(Text(40)),
    part: Type.Optional(Text(120)),
    note: Type.Optional(Text(1000)),
  },
  closed,
);
export type WorkOrderCreate = Static<typeof WorkOrderCreate>;
export const WorkOrderPatch = Type.Object(
  {
    /** The version the change was made from. */
    ver: Type.Integer({ minimum: 1 }),
    state: Type.Optional(oneOf(workOrderStates)),
    person: Type.Optional(Text(40)),
    part: Type.Optional(Text(120)),
    workMin: Type.Optional(Type.Integer({ minimum: 0, maximum: 100_000 })),
    note: Type.Optional(Text(1000)),
  },
  closed,
);
export type WorkOrderPatch = Static<typeof WorkOrderPatch>;
export const WorkOrderQuery = Type.Object(
  {
    state: Type.Optional(oneOf(['unfinished', ...workOrderStates])),
    device: Type.Optional(Id),
    before: Type.Optional(Type.Integer({ minimum: 1, description: 'Only orders older than this id.' })),
    limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 500, default: 100 })),
  },
  closed,
);

export const repairKinds = ['driver', 'alarm_type'] as const;
export const RepairQuery = Type.Object(
  { from: Type.Optional(UnixMs), to: Type.Optional(UnixMs), by: Type.Optional(oneOf(repairKinds)) },
  closed,
);
/** Mean time to repair: from the beginning of the fault to the end of the work, over orders that were done in the span. */
export const RepairRow = Type.Object(
  {
    kind: Type.String({ description: "'' where the orders name none." }),
    done: Type.Integer(),
    meanMs: Type.Number(),
    longestMs: Type.Number(),
    /** Mean hands-on time of the orders that have one, minutes. */
    meanWorkMin: Nullable(Type.Number()),
  },
  closed,
);
export type RepairRow = Static<typeof RepairRow>;
