-- Of a leave that names no join: a time by Discord's clock, at or after the join that it ended and before
-- the member's next one.
ALTER TABLE leave_data ADD COLUMN joined_before INTEGER;

-- How many joins are missing at the most, if that is known.
ALTER TABLE gaps ADD COLUMN joins_missing_at_most INTEGER;
