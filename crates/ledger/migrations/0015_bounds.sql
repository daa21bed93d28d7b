-- Of a leave that names no join: a time of Discord's that the join which it ended is not after, and
-- no later join of the member is before.
ALTER TABLE leave_data ADD COLUMN joined_before INTEGER;

-- How many joins are missing at the most. Of earlier gaps, that is not known to be more.
ALTER TABLE gaps ADD COLUMN joins_missing_at_most INTEGER NOT NULL DEFAULT 0;
UPDATE gaps SET joins_missing_at_most = joins_missing;
