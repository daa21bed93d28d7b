-- Of a leave that names no join: a time of Discord's that the join which it ended is not after, and
-- no later join of the member is before.
ALTER TABLE leave_data ADD COLUMN joined_before INTEGER;
