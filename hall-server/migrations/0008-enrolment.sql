-- Keys of agents: a certificate is good only while its key is here as next or current. Rows are never deleted, so that a key
-- that was refused once is refused for ever. `changed`: it took the place of another credential of the agent.
CREATE TABLE agent_keys (
  fingerprint TEXT PRIMARY KEY,
  agent TEXT NOT NULL,
  public_key TEXT NOT NULL,
  state TEXT NOT NULL CHECK (state IN ('next', 'current', 'replaced', 'revoked')),
  changed INTEGER NOT NULL DEFAULT 0,
  added_at INTEGER NOT NULL,
  until INTEGER
) STRICT;
CREATE INDEX agent_keys_agent ON agent_keys (agent, state);

-- Requests of agents that want a key of theirs admitted; forgotten when they run out.
CREATE TABLE enrolments (
  id TEXT PRIMARY KEY,
  fingerprint TEXT NOT NULL UNIQUE,
  code TEXT NOT NULL,
  public_key TEXT NOT NULL,
  wish TEXT,
  host TEXT NOT NULL,
  version TEXT NOT NULL,
  address TEXT NOT NULL,
  asked_at INTEGER NOT NULL,
  heard_at INTEGER NOT NULL,
  state TEXT NOT NULL CHECK (state IN ('waiting', 'admitted', 'rejected')),
  agent TEXT
) STRICT;
