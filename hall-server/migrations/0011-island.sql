-- By which rota waiting tickets are dealt to agents; older ones are kept while an agent may still go by them.
CREATE TABLE island_rota (ver INTEGER PRIMARY KEY, body TEXT NOT NULL) STRICT;

-- What the server knows of the local life of an agent, from its records.
CREATE TABLE island_agent (
  agent TEXT PRIMARY KEY,
  rota INTEGER,
  phase TEXT NOT NULL DEFAULT 'connected',
  since INTEGER,
  blanked INTEGER NOT NULL DEFAULT 0,
  approvers TEXT NOT NULL DEFAULT '[]'
) STRICT, WITHOUT ROWID;

-- Acts of keys while the server was away, and what the platform says of them.
CREATE TABLE island_act (
  seq INTEGER PRIMARY KEY,
  agent TEXT NOT NULL,
  install_id TEXT NOT NULL,
  island_seq INTEGER NOT NULL,
  act TEXT NOT NULL,
  window TEXT NOT NULL,
  ticket TEXT,
  at INTEGER NOT NULL,
  received_at INTEGER NOT NULL,
  key TEXT NOT NULL,
  verdict TEXT NOT NULL DEFAULT 'unheard',
  elsewhere TEXT,
  UNIQUE (agent, install_id, island_seq)
) STRICT;
CREATE INDEX island_act_at ON island_act (at);
