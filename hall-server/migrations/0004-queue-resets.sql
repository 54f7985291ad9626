-- The newest business day that begins empty is asked for at every change of the day; resets that do not fit do not count.
CREATE INDEX facts_resets ON facts (data ->> '$.businessDay') WHERE type = 'hall.queue_reset' AND flag IS NULL;
