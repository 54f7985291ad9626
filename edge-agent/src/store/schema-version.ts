/** The newest version of the agent's file this program knows; it brings any older one up to it. */
export const SCHEMA_VERSION = 6;
