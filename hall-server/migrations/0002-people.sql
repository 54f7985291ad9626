-- People, their sessions, failed sign-ins and the audit chain.

CREATE TABLE people (
  name TEXT PRIMARY KEY,
  display TEXT NOT NULL,
  roles TEXT NOT NULL CHECK (json_valid(roles)),
  password_hash TEXT NOT NULL,
  must_change INTEGER NOT NULL CHECK (must_change IN (0, 1)),
  disabled INTEGER NOT NULL DEFAULT 0 CHECK (disabled IN (0, 1)),
  created_at INTEGER NOT NULL,
  last_sign_in_at INTEGER
) STRICT, WITHOUT ROWID;

-- token_hash is the SHA-256 (hex) of the cookie; the token itself is stored nowhere.
CREATE TABLE sessions (
  id TEXT PRIMARY KEY,
  token_hash TEXT NOT NULL UNIQUE,
  person TEXT NOT NULL REFERENCES people (name),
  created_at INTEGER NOT NULL,
  last_seen_at INTEGER NOT NULL,
  address TEXT NOT NULL,
  agent TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX sessions_person ON sessions (person);

-- Kept for unknown names too, so that a lock does not tell which names exist. The key is the SHA-256 (hex) of the name typed,
-- because people type passwords into the name field.
CREATE TABLE sign_in_failures (
  key TEXT PRIMARY KEY,
  failures INTEGER NOT NULL,
  locks INTEGER NOT NULL,
  locked_until INTEGER NOT NULL,
  last_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX sign_in_failures_last ON sign_in_failures (last_at);

-- hash = SHA-256 (previous hash, canonical row). The head tells that the newest rows are still there.
CREATE TABLE audit (
  seq INTEGER PRIMARY KEY,
  at INTEGER NOT NULL,
  person TEXT NOT NULL,
  action TEXT NOT NULL,
  object TEXT NOT NULL,
  outcome TEXT NOT NULL,
  details TEXT NOT NULL CHECK (json_valid(details)),
  hash BLOB NOT NULL
) STRICT;
CREATE INDEX audit_person ON audit (person, seq);
CREATE TABLE audit_head (
  only INTEGER PRIMARY KEY CHECK (only = 1),
  seq INTEGER NOT NULL,
  hash BLOB NOT NULL
) STRICT;
CREATE TRIGGER audit_not_changed BEFORE UPDATE ON audit BEGIN SELECT RAISE (ABORT, 'audit rows are never changed'); END;
CREATE TRIGGER audit_not_deleted BEFORE DELETE ON audit BEGIN SELECT RAISE (ABORT, 'audit rows are never deleted'); END;
CREATE TRIGGER audit_not_replaced BEFORE INSERT ON audit WHEN EXISTS (SELECT 1 FROM audit WHERE seq = NEW.seq)
BEGIN SELECT RAISE (ABORT, 'audit rows are never replaced'); END;
