import { Type, type Static } from 'typebox';

/** Every id in topics, rows and routes: lower-case words, 1 to 32 characters, safe in MQTT topics and URLs. */
export const ID_PATTERN = '^[a-z0-9](?:[a-z0-9-]{0,30}[a-z0-9])?$';
export const Id = Type.String({
  pattern: ID_PATTERN,
  description: 'Lower-case id, a-z 0-9 and inner hyphens, 1 to 32 characters.',
});
export type Id = Static<typeof Id>;
const ID = new RegExp(ID_PATTERN);
/** Whether the text is a well-formed id; `+`, `#`, `$SYS` and empty are not. */
export const isId = (text: string): boolean => ID.test(text);

/** A ticket as printed and called: up to three capital letters, then one to five digits. */
export const TICKET_PATTERN = '^[A-Z]{0,3}[0-9]{1,5}$';
export const TicketNumber = Type.String({
  pattern: TICKET_PATTERN,
  description: 'Ticket number as printed: up to 3 capital letters and 1 to 5 digits.',
});
export type TicketNumber = Static<typeof TicketNumber>;

/** Unix time in milliseconds. */
export const UnixMs = Type.Integer({ minimum: 0, maximum: 8_640_000_000_000_000, description: 'Unix time, ms.' });
