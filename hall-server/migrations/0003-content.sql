-- What the hall is made of. One row per thing; settings and calendar are the single rows of their kind, with id 'hall'.
CREATE TABLE content_items (
  kind TEXT NOT NULL CHECK (kind IN ('settings', 'calendar', 'departments', 'services', 'staff', 'windows', 'devices')),
  id TEXT NOT NULL,
  position INTEGER NOT NULL,
  value TEXT NOT NULL CHECK (json_valid(value)),
  -- Version of the content in which this row was written last.
  ver INTEGER NOT NULL,
  PRIMARY KEY (kind, id)
) STRICT, WITHOUT ROWID;

-- The record of every change: who, when, what, and the whole content as it was afterwards.
CREATE TABLE content_versions (
  ver INTEGER PRIMARY KEY,
  at INTEGER NOT NULL,
  person TEXT NOT NULL,
  -- Per kind: ids added, changed, removed.
  changes TEXT NOT NULL CHECK (json_valid(changes)),
  -- SHA-256 of the canonical JSON of the content.
  digest BLOB NOT NULL,
  content TEXT NOT NULL CHECK (json_valid(content))
) STRICT;
