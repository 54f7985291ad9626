-- Who is told of an alarm. Secrets of channels are sealed under the master key, which is not in the store.
CREATE TABLE notice_settings (
  only INTEGER PRIMARY KEY CHECK (only = 1),
  ver INTEGER NOT NULL,
  value TEXT NOT NULL CHECK (json_valid(value))
) STRICT;
CREATE TABLE notice_secrets (
  channel TEXT NOT NULL,
  name TEXT NOT NULL,
  sealed BLOB NOT NULL,
  PRIMARY KEY (channel, name)
) STRICT, WITHOUT ROWID;

-- Alarms that escalate or may have to be called over. `told` is JSON: per step, how often and when it was told last.
CREATE TABLE notice_alarms (
  key TEXT PRIMARY KEY,
  news TEXT NOT NULL CHECK (json_valid(news)),
  -- From when the minutes of the steps count, Unix ms.
  anchor INTEGER NOT NULL,
  told TEXT NOT NULL CHECK (json_valid(told)),
  -- When the rule is asked again, Unix ms; NULL when nothing more will be due.
  next_at INTEGER
) STRICT, WITHOUT ROWID;
CREATE INDEX notice_alarms_next ON notice_alarms (next_at) WHERE next_at IS NOT NULL;

CREATE TABLE notice_deliveries (
  seq INTEGER PRIMARY KEY,
  id TEXT NOT NULL UNIQUE,
  what TEXT NOT NULL,
  alarm TEXT NOT NULL,
  news TEXT NOT NULL CHECK (json_valid(news)),
  channel TEXT NOT NULL,
  -- JSON array of ids of people.
  people TEXT NOT NULL CHECK (json_valid(people)),
  step TEXT NOT NULL,
  state TEXT NOT NULL CHECK (state IN ('waiting', 'sent', 'failed', 'dropped')),
  created_at INTEGER NOT NULL,
  next_at INTEGER NOT NULL,
  sent_at INTEGER,
  tries INTEGER NOT NULL DEFAULT 0,
  -- Id of the first of the rows that go out as one message; NULL as long as it goes alone.
  batch TEXT,
  code TEXT,
  answer TEXT
) STRICT;
CREATE INDEX notice_deliveries_waiting ON notice_deliveries (channel, seq) WHERE state = 'waiting';
CREATE INDEX notice_deliveries_alarm ON notice_deliveries (alarm, seq);
CREATE INDEX notice_deliveries_batch ON notice_deliveries (batch) WHERE batch IS NOT NULL;
CREATE INDEX notice_deliveries_age ON notice_deliveries (created_at);

-- Device history; times are hall time. A change of state is a row; a report that changes nothing is none.
CREATE TABLE device_states (
  device TEXT NOT NULL,
  kind TEXT NOT NULL,
  at INTEGER NOT NULL,
  value TEXT NOT NULL,
  PRIMARY KEY (device, kind, at)
) STRICT, WITHOUT ROWID;
CREATE INDEX device_states_age ON device_states (at);

-- step 0: one reading; else all readings of `step` ms from `at` on, as they were thinned.
CREATE TABLE measurements (
  device TEXT NOT NULL,
  metric TEXT NOT NULL,
  step INTEGER NOT NULL,
  at INTEGER NOT NULL,
  n INTEGER NOT NULL,
  min REAL NOT NULL,
  max REAL NOT NULL,
  sum REAL NOT NULL,
  last REAL NOT NULL,
  PRIMARY KEY (device, metric, step, at)
) STRICT, WITHOUT ROWID;
CREATE INDEX measurements_age ON measurements (step, at);

-- When the server was last known to watch, hall time; what follows until it watches again is unknown.
CREATE TABLE history_watch (
  only INTEGER PRIMARY KEY CHECK (only = 1),
  at INTEGER NOT NULL
) STRICT;

CREATE TABLE work_orders (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  ver INTEGER NOT NULL,
  state TEXT NOT NULL CHECK (state IN ('open', 'begun', 'waiting_part', 'done', 'cancelled')),
  title TEXT NOT NULL,
  device TEXT,
  driver TEXT,
  alarm TEXT,
  alarm_type TEXT,
  person TEXT NOT NULL,
  part TEXT NOT NULL,
  fault_at INTEGER NOT NULL,
  opened_at INTEGER NOT NULL,
  opened_by TEXT NOT NULL,
  begun_at INTEGER,
  ended_at INTEGER,
  work_min INTEGER,
  notes TEXT NOT NULL CHECK (json_valid(notes))
) STRICT;
CREATE INDEX work_orders_device ON work_orders (device, id);
CREATE INDEX work_orders_ended ON work_orders (ended_at) WHERE state = 'done';
CREATE INDEX work_orders_unfinished ON work_orders (id) WHERE state IN ('open', 'begun', 'waiting_part');
