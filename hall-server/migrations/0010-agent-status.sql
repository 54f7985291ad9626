-- The newest status of each agent, and what of it gives reason to care, since when.
CREATE TABLE agent_status (
  agent TEXT PRIMARY KEY,
  received_at INTEGER NOT NULL,
  body TEXT NOT NULL,
  conditions TEXT NOT NULL
) STRICT;
