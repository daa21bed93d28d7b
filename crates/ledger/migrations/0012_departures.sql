-- Members of whom nobody told that they left: when they can have left at the earliest.

-- Of a leave that no event told of; NULL of one that an event told of.
ALTER TABLE leave_data ADD COLUMN since INTEGER;
-- Of a join that such a leave ended: the member was still there so long after joined_at.
ALTER TABLE join_data ADD COLUMN stayed_least INTEGER;

ALTER TABLE gaps ADD COLUMN leaves_found INTEGER NOT NULL DEFAULT 0;
ALTER TABLE gaps ADD COLUMN compared INTEGER NOT NULL DEFAULT 0 CHECK (compared IN (0, 1));

DROP VIEW leaves;
CREATE VIEW leaves AS
SELECT g.guild_id, d.user_id, CASE WHEN d.which >= 0 THEN d.which END AS told_joined_at, d.observed_at,
    d.which + d.pairs AS joined_at, d.since
FROM leave_data AS d
JOIN guilds AS g ON g.number = d.guild;
