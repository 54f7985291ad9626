/** The hall server as a library: for its own command, for the demonstration and for tests of the whole system. */
export { createHallServer, VERSION, type HallServer, type HallServerOptions } from './app.ts';
export { ServerConfig, parseConfig, readConfig } from './config.ts';
/** The embedded broker alone, and who may sign in to it: for tests that hold it against other brokers. */
export { createBroker, type Broker } from './platform/mqtt/broker.ts';
export { mqttSignIn } from './platform/mqtt/sign-in.ts';
export { credentialCheck, hashCredential } from './platform/credentials.ts';
export { apiDocument } from './api-document.ts';
export type { HallServices } from './services.ts';
