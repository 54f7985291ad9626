-- Devices that searches have met and nobody has adopted yet, by agent and place.
CREATE TABLE found_devices (
  id INTEGER PRIMARY KEY,
  agent TEXT NOT NULL,
  place TEXT NOT NULL,
  value TEXT NOT NULL,
  first_seen INTEGER NOT NULL,
  last_seen INTEGER NOT NULL,
  ignored INTEGER NOT NULL DEFAULT 0 CHECK (ignored IN (0, 1)),
  UNIQUE (agent, place)
) STRICT;
CREATE INDEX found_devices_by_age ON found_devices (last_seen);
