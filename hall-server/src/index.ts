/** The hall server as a library: for its own command, for the demonstration and for tests of the whole system. */
export { createHallServer, VERSION, type HallServer, type HallServerOptions } from './app.ts';
export { ServerConfig, parseConfig, readConfig } from './config.ts';
export { apiDocument } from './api-document.ts';
export type { HallServices } from './services.ts';
