-- Alarms: one current row for each type and object; the rows before it are history. Times are Unix ms of the server.
CREATE TABLE alarms (
  id INTEGER PRIMARY KEY,
  type TEXT NOT NULL,
  kind TEXT NOT NULL,
  object TEXT NOT NULL,
  current INTEGER NOT NULL,
  phase TEXT NOT NULL,
  since INTEGER NOT NULL,
  count_from INTEGER NOT NULL,
  ended INTEGER,
  raised INTEGER,
  cleared INTEGER,
  lapsed INTEGER,
  count INTEGER NOT NULL,
  -- JSON.
  evidence TEXT NOT NULL,
  acknowledged_by TEXT,
  acknowledged_at INTEGER,
  assignee TEXT,
  -- JSON of who, when, until when and why; NULL while not shelved.
  shelved TEXT
) STRICT;
CREATE UNIQUE INDEX alarms_current ON alarms (type, kind, object) WHERE current = 1;
CREATE INDEX alarms_raised ON alarms (raised) WHERE raised IS NOT NULL;

-- What happened to them. `hall_at`: what the clock of the hall said.
CREATE TABLE alarm_events (
  seq INTEGER PRIMARY KEY,
  alarm INTEGER NOT NULL,
  at INTEGER NOT NULL,
  hall_at INTEGER NOT NULL,
  what TEXT NOT NULL,
  person TEXT NOT NULL,
  text TEXT NOT NULL
) STRICT;
CREATE INDEX alarm_events_alarm ON alarm_events (alarm, seq);
CREATE INDEX alarm_events_age ON alarm_events (at);

-- Times in which nothing is raised; hall time, Unix ms.
CREATE TABLE maintenance (
  id INTEGER PRIMARY KEY,
  kind TEXT NOT NULL,
  object TEXT NOT NULL,
  from_at INTEGER NOT NULL,
  until_at INTEGER NOT NULL,
  reason TEXT NOT NULL,
  person TEXT NOT NULL
) STRICT;

-- Looked at every few seconds: what was refused, and what agents told, of late.
CREATE INDEX quarantine_received ON quarantine (received_at);
CREATE INDEX facts_noted ON facts (received_at, type, source, subject) WHERE type IN ('text.replaced', 'outbox.gap');
