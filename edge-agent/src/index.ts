export { createEdgeAgent, type AgentDeps, type AgentState, type EdgeAgent } from './agent.ts';
export { AgentConfig, parseConfig, readConfig } from './config.ts';
export { driverInfos, drivers } from './drivers/registry.ts';
