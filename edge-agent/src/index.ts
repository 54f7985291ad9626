export { createEdgeAgent, type AgentState, type EdgeAgent } from './agent.ts';
export type { AgentDeps } from './deps.ts';
export { createLog, type LogRing } from './commands/log-ring.ts';
export { AgentConfig, parseConfig, readConfig } from './config.ts';
export { newKey, requestFor, signText } from './enrolment/keys.ts';
export { driverInfos, drivers } from './drivers/registry.ts';
export { openDatabase as openAgentStore } from './store/database.ts';
export { outboxAppend, type NewRecord } from './outbox/sql.ts';
