export * from './content.ts';
export * from './counter-acts.ts';
export * from './day.ts';
export { dayAfter, planDay, workingDayFrom, type DayPlan } from './day-plan.ts';
export * from './disturb.ts';
export * from './engine.ts';
export * from './events.ts';
export * from './recording.ts';
