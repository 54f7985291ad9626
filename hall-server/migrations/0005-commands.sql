-- Commands to devices and agents, every step of each, and batches of them. Times are wall time, Unix ms.
CREATE TABLE command_batches (
  seq INTEGER PRIMARY KEY,
  id TEXT NOT NULL UNIQUE,
  act TEXT NOT NULL,
  arguments TEXT NOT NULL CHECK (json_valid(arguments)),
  within_s INTEGER NOT NULL,
  person TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  stopped INTEGER NOT NULL DEFAULT 0,
  -- The batch that this one takes back.
  takes_back TEXT
) STRICT;

CREATE TABLE commands (
  seq INTEGER PRIMARY KEY,
  id TEXT NOT NULL UNIQUE,
  batch TEXT,
  agent TEXT NOT NULL,
  -- NULL: the agent itself.
  device TEXT,
  act TEXT NOT NULL,
  arguments TEXT NOT NULL CHECK (json_valid(arguments)),
  within_s INTEGER NOT NULL,
  person TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  -- NULL while it waits for its turn in a batch.
  deadline_at INTEGER,
  state TEXT NOT NULL CHECK (state IN ('created', 'sent', 'persisted', 'begun', 'ended')),
  since INTEGER NOT NULL,
  -- The installation it was sent to.
  install_id TEXT,
  cancel_asked INTEGER NOT NULL DEFAULT 0,
  outcome TEXT,
  -- The whole end as the agent noted it, or as the server did where the agent never heard of it.
  ended TEXT CHECK (json_valid(ended)),
  -- Grows with every change of any command.
  rev INTEGER NOT NULL
) STRICT;
CREATE INDEX commands_open ON commands (seq) WHERE state <> 'ended';
CREATE INDEX commands_device ON commands (device, seq);
CREATE INDEX commands_agent ON commands (agent, seq);
CREATE INDEX commands_batch ON commands (batch, seq) WHERE batch IS NOT NULL;
CREATE INDEX commands_rev ON commands (rev);

CREATE TABLE command_steps (
  command TEXT NOT NULL,
  number INTEGER NOT NULL,
  at INTEGER NOT NULL,
  state TEXT NOT NULL,
  -- What the step rests on.
  detail TEXT NOT NULL CHECK (json_valid(detail)),
  PRIMARY KEY (command, number)
) STRICT, WITHOUT ROWID;
