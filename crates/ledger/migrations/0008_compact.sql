-- What a join takes is cut to a third. Three things do that: a way in is stored once and
-- named by a number; the answer that stands, with its evidence, is in the row of the join;
-- and guilds have short numbers.
--
-- The views `joins`, `leaves` and `attribution_candidates` show all of it as before.

DROP VIEW attributed_joins;

-- Guilds by a short number, in what there is much of.
ALTER TABLE guilds ADD COLUMN number INTEGER;
UPDATE guilds SET number = (SELECT count(*) FROM guilds AS other WHERE other.guild_id <= guilds.guild_id);
CREATE UNIQUE INDEX guilds_by_number ON guilds (number);

-- The ways in that were ever stated about joins of a guild. Of the people behind invites,
-- only this table tells, so forgetting one of them changes few rows.
CREATE TABLE ways (
    number           INTEGER NOT NULL PRIMARY KEY,
    guild            INTEGER NOT NULL, -- guilds.number
    origin           TEXT NOT NULL,    -- invite, vanity, bot, …
    code             TEXT,
    inviter_id       INTEGER,
    channel_id       INTEGER,
    join_source_type INTEGER           -- of the origin 'other'
) STRICT;

CREATE UNIQUE INDEX ways_are_told_once ON ways (guild, origin, ifnull(code, ''), ifnull(inviter_id, 0), ifnull(channel_id, 0), ifnull(join_source_type, 0));
CREATE INDEX ways_by_code ON ways (code, guild) WHERE code IS NOT NULL;
CREATE INDEX ways_by_inviter ON ways (inviter_id) WHERE inviter_id IS NOT NULL;

-- Times are microseconds. Those that are close to the join are told as microseconds after
-- it, which takes half the room.
CREATE TABLE join_data (
    guild     INTEGER NOT NULL, -- guilds.number
    joined_at INTEGER NOT NULL, -- whole milliseconds (in microseconds): what makes a join one
    user_id   INTEGER NOT NULL,
    exact     INTEGER NOT NULL, -- what joined_at lacks
    bot       INTEGER NOT NULL CHECK (bot IN (0, 1)),
    guest     INTEGER NOT NULL CHECK (guest IN (0, 1)),
    pending   INTEGER NOT NULL CHECK (pending IN (0, 1)),
    rejoined  INTEGER CHECK (rejoined IN (0, 1)), -- as Discord says
    again     INTEGER NOT NULL CHECK (again IN (0, 1)), -- there is an earlier join here
    caught_up INTEGER NOT NULL CHECK (caught_up IN (0, 1)), -- first seen by a search, not by the gateway
    seen      INTEGER NOT NULL, -- first seen, after joined_at, by this machine's clock
    updated   INTEGER NOT NULL, -- last seen, after it was first seen; `pending` is as of then
    stayed    INTEGER, -- the leave that ended this join was observed so long after joined_at
    here      INTEGER NOT NULL CHECK (here IN (0, 1)), -- still a member by this join
    -- The attribution that stands; NULL while there is none.
    revision  INTEGER,
    certainty INTEGER, -- 0 confirmed, 1 deduced, 2 ambiguous, 3 unknown, 4 provisional
    way       INTEGER, -- ways.number; confirmed and deduced only
    decided   INTEGER, -- after joined_at
    told      TEXT,    -- the rest of it: candidates or reason, and evidence
    PRIMARY KEY (guild, joined_at, user_id)
) STRICT, WITHOUT ROWID;

-- What was stated and does not stand, or is about a join that is not stored yet.
CREATE TABLE history_data (
    user_id   INTEGER NOT NULL,
    guild     INTEGER NOT NULL,
    joined_at INTEGER NOT NULL,
    revision  INTEGER NOT NULL,
    confirmed INTEGER NOT NULL CHECK (confirmed IN (0, 1)),
    certainty INTEGER NOT NULL,
    way       INTEGER,
    decided   INTEGER NOT NULL,
    told      TEXT NOT NULL,
    PRIMARY KEY (user_id, guild, joined_at, revision, confirmed)
) STRICT, WITHOUT ROWID;

CREATE TABLE candidate_data (
    guild     INTEGER NOT NULL,
    joined_at INTEGER NOT NULL,
    user_id   INTEGER NOT NULL,
    place     INTEGER NOT NULL,
    way       INTEGER NOT NULL,
    weight    REAL NOT NULL,
    PRIMARY KEY (guild, joined_at, user_id, place)
) STRICT, WITHOUT ROWID;

-- `which` is the join that a leave ends as far as it was told, else -1 less the time when
-- it was observed. `pairs` is the join it was paired with, less `which`.
CREATE TABLE leave_data (
    user_id     INTEGER NOT NULL,
    guild       INTEGER NOT NULL,
    which       INTEGER NOT NULL,
    observed_at INTEGER NOT NULL,
    pairs       INTEGER,
    PRIMARY KEY (user_id, guild, which)
) STRICT, WITHOUT ROWID;

-- What was stated so far, in its old form, which is still understood.
CREATE TEMPORARY TABLE said AS
SELECT g.number AS guild, h.user_id, h.joined_at, h.revision, h.confirmed, h.decided_at,
    CASE h.certainty WHEN 'confirmed' THEN 0 WHEN 'deduced' THEN 1 WHEN 'ambiguous' THEN 2
        WHEN 'unknown' THEN 3 ELSE 4 END AS certainty,
    h.certainty_json ->> '$.answer.origin' AS origin,
    h.certainty_json ->> '$.answer.code' AS code,
    CAST(coalesce(h.certainty_json ->> '$.answer.inviter', h.certainty_json ->> '$.answer.added_by') AS INTEGER) AS inviter_id,
    CAST(h.certainty_json ->> '$.answer.channel' AS INTEGER) AS channel_id,
    h.certainty_json ->> '$.answer.join_source_type' AS join_source_type,
    json_object('certainty', json(h.certainty_json), 'evidence', json(h.evidence)) AS told
FROM attribution_history AS h
JOIN guilds AS g ON g.guild_id = h.guild_id;

-- Stand-ins have the top bit set, which a CAST of their digits does not survive.
UPDATE said SET inviter_id = (
    SELECT j.inviter_id FROM joins AS j JOIN guilds AS g ON g.guild_id = j.guild_id
    WHERE g.number = said.guild AND j.user_id = said.user_id AND j.joined_at = said.joined_at
        AND j.inviter_id < 0
)
WHERE inviter_id = 9223372036854775807;

INSERT OR IGNORE INTO ways (guild, origin, code, inviter_id, channel_id, join_source_type)
SELECT DISTINCT guild, origin, code, inviter_id, channel_id, join_source_type FROM said WHERE certainty < 2;

INSERT OR IGNORE INTO ways (guild, origin, code, inviter_id)
SELECT DISTINCT g.number, c.origin, c.code, c.inviter_id
FROM attribution_candidates AS c JOIN guilds AS g ON g.guild_id = c.guild_id;

CREATE TEMPORARY TABLE told_by_way AS
SELECT said.guild, said.user_id, said.joined_at, said.revision, said.confirmed, said.decided_at,
    said.certainty, w.number AS way, said.told
FROM said
LEFT JOIN ways AS w ON said.certainty < 2 AND w.guild = said.guild AND w.origin = said.origin AND w.code IS said.code
    AND w.inviter_id IS said.inviter_id AND w.channel_id IS said.channel_id
    AND w.join_source_type IS said.join_source_type;

CREATE INDEX temp.told_by_join ON told_by_way (guild, user_id, joined_at);

INSERT INTO join_data
SELECT g.number, j.joined_at, j.user_id, j.exact_at - j.joined_at, j.bot, j.guest, j.pending, j.rejoined,
    EXISTS (SELECT 1 FROM joins AS e WHERE e.guild_id = j.guild_id AND e.user_id = j.user_id AND e.joined_at < j.joined_at),
    j.observed_by = 'catch_up', j.observed_at - j.joined_at, j.updated_at - j.observed_at,
    j.left_at - j.joined_at, j.here, t.revision, t.certainty, t.way, t.decided_at - j.joined_at, t.told
FROM joins AS j
JOIN guilds AS g ON g.guild_id = j.guild_id
LEFT JOIN told_by_way AS t ON t.guild = g.number AND t.user_id = j.user_id AND t.joined_at = j.joined_at
    AND t.revision = j.revision AND t.confirmed = (j.certainty = 'confirmed');

INSERT INTO history_data
SELECT t.user_id, t.guild, t.joined_at, t.revision, t.confirmed, t.certainty, t.way, t.decided_at - t.joined_at, t.told
FROM told_by_way AS t
LEFT JOIN join_data AS d ON d.guild = t.guild AND d.user_id = t.user_id AND d.joined_at = t.joined_at
WHERE d.revision IS NOT t.revision OR (d.certainty = 0) IS NOT t.confirmed;

INSERT INTO candidate_data
SELECT g.number, c.joined_at, c.user_id, c.place, min(w.number), c.weight
FROM attribution_candidates AS c
JOIN guilds AS g ON g.guild_id = c.guild_id
JOIN ways AS w ON w.guild = g.number AND w.origin = c.origin AND w.code IS c.code AND w.inviter_id IS c.inviter_id
GROUP BY g.number, c.joined_at, c.user_id, c.place;

INSERT INTO leave_data
SELECT l.user_id, g.number, ifnull(l.told_joined_at, -1 - l.observed_at), l.observed_at,
    l.joined_at - ifnull(l.told_joined_at, -1 - l.observed_at)
FROM leaves AS l JOIN guilds AS g ON g.guild_id = l.guild_id;

DROP TABLE said;
DROP TABLE told_by_way;
DROP TABLE joins;
DROP TABLE attribution_history;
DROP TABLE attribution_candidates;
DROP TABLE leaves;

CREATE INDEX joins_by_user ON join_data (user_id, guild, joined_at);
-- This holds all that counts by invite and inviter need.
CREATE INDEX joins_by_way ON join_data (way, joined_at, here, certainty) WHERE way IS NOT NULL;
CREATE INDEX candidates_by_way ON candidate_data (way, joined_at);
CREATE INDEX leaves_by_guild_time ON leave_data (guild, observed_at, pairs);

-- The feed, in fewer columns. `at` is when somebody joined (join, attribution), when it was
-- observed (leave, gap), or when the invite was created. `detail` is twice the revision,
-- and one more if it is confirmed (attribution); the join that ended as far as it was told
-- (leave); when it closed (gap).
CREATE TABLE new_changes (
    number  INTEGER PRIMARY KEY AUTOINCREMENT,
    kind    INTEGER NOT NULL, -- 0 join, 1 attribution, 2 leave, 3 invite_seen, 4 invite_ended, 5 gap
    guild   INTEGER NOT NULL, -- guilds.number
    user_id INTEGER,
    at      INTEGER,
    detail  INTEGER,
    code    TEXT
) STRICT;

INSERT INTO new_changes (number, kind, guild, user_id, at, detail, code)
SELECT c.number,
    CASE c.kind WHEN 'join' THEN 0 WHEN 'attribution' THEN 1 WHEN 'leave' THEN 2
        WHEN 'invite_seen' THEN 3 WHEN 'invite_ended' THEN 4 ELSE 5 END,
    g.number, c.user_id,
    CASE WHEN c.kind IN ('join', 'attribution') THEN c.joined_at WHEN c.kind IN ('leave', 'gap') THEN c.observed_at
        ELSE c.created_at END,
    CASE c.kind WHEN 'attribution' THEN c.revision * 2 + c.confirmed WHEN 'leave' THEN c.joined_at WHEN 'gap' THEN c.closed_at END,
    c.code
FROM changes AS c JOIN guilds AS g ON g.guild_id = c.guild_id
ORDER BY c.number;

-- No number is ever used twice, also if the last entries are gone.
UPDATE sqlite_sequence SET seq = (SELECT max(seq) FROM sqlite_sequence WHERE name IN ('changes', 'new_changes'))
WHERE name = 'new_changes';
INSERT INTO sqlite_sequence (name, seq)
SELECT 'new_changes', seq FROM sqlite_sequence
WHERE name = 'changes' AND NOT EXISTS (SELECT 1 FROM sqlite_sequence WHERE name = 'new_changes');

DROP TABLE changes;
ALTER TABLE new_changes RENAME TO changes;
-- Joins and attributions are most of it; the others are found by this.
CREATE INDEX changes_of_rare_kinds ON changes (kind, number) WHERE kind > 1;

CREATE VIEW joins AS
SELECT
    g.guild_id,
    d.user_id,
    d.joined_at,
    d.joined_at + d.exact AS exact_at,
    d.bot,
    d.guest,
    d.pending,
    d.rejoined,
    d.again AS joined_before,
    d.joined_at + d.seen AS observed_at,
    CASE d.caught_up WHEN 1 THEN 'catch_up' ELSE 'gateway' END AS observed_by,
    d.joined_at + d.seen + d.updated AS updated_at,
    d.joined_at + d.stayed AS left_at,
    d.here,
    d.revision,
    CASE d.certainty WHEN 0 THEN 'confirmed' WHEN 1 THEN 'deduced' WHEN 2 THEN 'ambiguous' WHEN 3 THEN 'unknown'
        WHEN 4 THEN 'provisional' END AS certainty,
    w.origin,
    w.code,
    w.inviter_id,
    w.channel_id,
    w.join_source_type,
    d.joined_at + d.decided AS decided_at,
    d.told,
    d.guild,
    d.way
FROM join_data AS d
JOIN guilds AS g ON g.number = d.guild
LEFT JOIN ways AS w ON w.number = d.way;

CREATE VIEW leaves AS
SELECT g.guild_id, d.user_id, CASE WHEN d.which >= 0 THEN d.which END AS told_joined_at, d.observed_at,
    d.which + d.pairs AS joined_at
FROM leave_data AS d
JOIN guilds AS g ON g.number = d.guild;

CREATE VIEW attribution_candidates AS
SELECT g.guild_id, d.user_id, d.joined_at, d.place, w.origin, w.code, w.inviter_id, d.weight
FROM candidate_data AS d
JOIN guilds AS g ON g.number = d.guild
JOIN ways AS w ON w.number = d.way;

CREATE VIEW attributed_joins AS
SELECT
    j.guild_id,
    j.user_id,
    member.name AS user_name,
    strftime('%Y-%m-%dT%H:%M:%SZ', j.joined_at / 1000000, 'unixepoch') AS joined_time,
    j.certainty,
    j.origin,
    j.code,
    j.inviter_id,
    inviter.name AS inviter_name,
    strftime('%Y-%m-%dT%H:%M:%SZ', j.left_at / 1000000, 'unixepoch') AS left_time,
    j.here
FROM joins AS j
LEFT JOIN users AS member ON member.user_id = j.user_id
LEFT JOIN users AS inviter ON inviter.user_id = j.inviter_id;
