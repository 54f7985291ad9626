-- Facts, and what is folded from them. Times are Unix ms. `gen` in meta is new with every new or restored store.
CREATE TABLE meta (
  key TEXT PRIMARY KEY,
  value TEXT NOT NULL
) STRICT, WITHOUT ROWID;

INSERT INTO meta (key, value) VALUES ('gen', lower(hex(randomblob(8)))), ('live_seq', '0'), ('fold_version', '0');

CREATE TABLE facts (
  seq INTEGER PRIMARY KEY,
  source TEXT NOT NULL,
  id TEXT NOT NULL,
  type TEXT NOT NULL,
  schema_version INTEGER NOT NULL,
  subject TEXT NOT NULL,
  time INTEGER NOT NULL,
  received_at INTEGER NOT NULL,
  sequence INTEGER NOT NULL,
  flag TEXT,
  data TEXT NOT NULL,
  -- Personal fields (masked), AES-256-GCM under the key of the day of receipt; NULL when there are none.
  personal BLOB
) STRICT;
CREATE UNIQUE INDEX facts_identity ON facts (id, source);
CREATE INDEX facts_subject ON facts (subject, seq);
CREATE INDEX facts_flagged ON facts (seq) WHERE flag IS NOT NULL;

-- Rows of the queue fold: one per ticket, window and other entity of @hall/model, as it exports them.
CREATE TABLE fold_rows (
  key TEXT PRIMARY KEY,
  row TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE live (
  key TEXT PRIMARY KEY,
  seq INTEGER NOT NULL,
  source_time INTEGER NOT NULL,
  changed_at INTEGER NOT NULL,
  cause TEXT,
  value TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE quarantine (
  seq INTEGER PRIMARY KEY,
  platform TEXT NOT NULL,
  id TEXT,
  source TEXT,
  type TEXT,
  received_at INTEGER NOT NULL,
  code TEXT NOT NULL,
  field TEXT,
  reason TEXT,
  digest TEXT NOT NULL,
  -- The raw event, sealed under a key outside the store; NULL after 7 days.
  sealed BLOB,
  UNIQUE (platform, digest, code)
) STRICT;
CREATE INDEX quarantine_age ON quarantine (received_at) WHERE sealed IS NOT NULL;

-- Signed requests already taken, for the width of the signature window. The key is platform, NUL, webhook-id.
CREATE TABLE webhook_seen (
  key BLOB PRIMARY KEY,
  digest BLOB NOT NULL,
  expires_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX webhook_seen_age ON webhook_seen (expires_at);

CREATE TABLE platforms (
  id TEXT PRIMARY KEY,
  -- JSON array of URI references.
  sources TEXT NOT NULL,
  -- JSON array of sealed secrets (base64), newest first.
  secrets TEXT NOT NULL,
  mqtt_hash TEXT NOT NULL,
  added_at INTEGER NOT NULL
) STRICT;

CREATE TABLE agents (
  id TEXT PRIMARY KEY,
  password_hash TEXT NOT NULL,
  added_at INTEGER NOT NULL,
  install_id TEXT,
  epoch TEXT,
  version TEXT,
  drivers TEXT NOT NULL DEFAULT '[]',
  presence TEXT NOT NULL DEFAULT 'never',
  since INTEGER
) STRICT;

-- Highest contiguous outbox seq taken from each installation of an agent.
CREATE TABLE outbox_ack (
  agent TEXT NOT NULL,
  install_id TEXT NOT NULL,
  seq INTEGER NOT NULL,
  PRIMARY KEY (agent, install_id)
) STRICT, WITHOUT ROWID;

-- Documents sent down, by agent and name ('tables' or 'device/{id}').
CREATE TABLE documents (
  agent TEXT NOT NULL,
  name TEXT NOT NULL,
  ver INTEGER NOT NULL,
  body TEXT NOT NULL,
  changed_at INTEGER NOT NULL,
  PRIMARY KEY (agent, name)
) STRICT, WITHOUT ROWID;

CREATE TABLE reported (
  device TEXT PRIMARY KEY,
  agent TEXT NOT NULL,
  epoch TEXT NOT NULL,
  seq INTEGER NOT NULL,
  received_at INTEGER NOT NULL,
  body TEXT NOT NULL
) STRICT, WITHOUT ROWID;
