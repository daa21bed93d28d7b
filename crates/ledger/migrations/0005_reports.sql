-- What stands about a join is kept with the join, so that reports read one table;
-- times of joins are cut to milliseconds, and everything new goes into one ordered feed.

DROP VIEW attributed_joins;

CREATE TABLE new_joins (
    guild_id    INTEGER NOT NULL REFERENCES guilds (guild_id),
    user_id     INTEGER NOT NULL,
    joined_at   INTEGER NOT NULL, -- whole milliseconds (in microseconds): what makes a join one
    exact_at    INTEGER NOT NULL, -- the same as precisely as it is known
    bot         INTEGER NOT NULL CHECK (bot IN (0, 1)),
    guest       INTEGER NOT NULL CHECK (guest IN (0, 1)),
    pending     INTEGER NOT NULL CHECK (pending IN (0, 1)),
    rejoined    INTEGER CHECK (rejoined IN (0, 1)),
    observed_at INTEGER NOT NULL, -- first seen, by this machine's clock
    observed_by TEXT NOT NULL,    -- how it was first seen: gateway, catch_up
    updated_at  INTEGER NOT NULL, -- last seen; `pending` is as of then
    left_at     INTEGER,          -- the leave that ended this join, observed
    here        INTEGER NOT NULL DEFAULT 1 CHECK (here IN (0, 1)), -- still a member by this join
    -- The attribution that stands, from attribution_history; NULL while there is none.
    revision    INTEGER,
    certainty   TEXT,    -- confirmed, deduced, ambiguous, unknown
    origin      TEXT,    -- confirmed and deduced only: invite, vanity, bot, …
    code        TEXT,
    inviter_id  INTEGER,
    PRIMARY KEY (guild_id, user_id, joined_at)
) STRICT, WITHOUT ROWID;

-- A join that was seen twice, precisely and cut to milliseconds, becomes one.
INSERT INTO new_joins (guild_id, user_id, joined_at, exact_at, bot, guest, pending, rejoined, observed_at, observed_by, updated_at, left_at, here)
SELECT
    guild_id,
    user_id,
    joined_at - joined_at % 1000,
    max(joined_at),
    max(bot),
    max(guest),
    min(pending),
    max(rejoined),
    min(observed_at),
    CASE WHEN sum(observed_by = 'gateway') > 0 THEN 'gateway' ELSE 'catch_up' END,
    max(updated_at),
    max(left_at),
    max(here) AND max(left_at) IS NULL
FROM joins
GROUP BY guild_id, user_id, joined_at - joined_at % 1000;

UPDATE new_joins SET (revision, certainty, origin, code, inviter_id) = (
    SELECT a.revision, a.certainty, a.origin, a.code, a.inviter_id
    FROM attributions AS a
    WHERE a.guild_id = new_joins.guild_id AND a.user_id = new_joins.user_id
        AND a.joined_at BETWEEN new_joins.joined_at AND new_joins.joined_at + 999
    ORDER BY a.certainty = 'confirmed' DESC, a.revision DESC, a.joined_at DESC
    LIMIT 1
);

-- Every statement. One that Discord confirmed and one that was worked out may have the
-- same revision, and both were made.
CREATE TABLE new_history (
    guild_id       INTEGER NOT NULL,
    user_id        INTEGER NOT NULL,
    joined_at      INTEGER NOT NULL,
    revision       INTEGER NOT NULL,
    confirmed      INTEGER NOT NULL CHECK (confirmed IN (0, 1)),
    decided_at     INTEGER NOT NULL,
    certainty      TEXT NOT NULL,
    certainty_json TEXT NOT NULL,
    evidence       TEXT NOT NULL,
    PRIMARY KEY (guild_id, user_id, joined_at, revision, confirmed)
) STRICT, WITHOUT ROWID;

INSERT OR IGNORE INTO new_history
SELECT guild_id, user_id, joined_at - joined_at % 1000, revision, certainty = 'confirmed', decided_at, certainty,
    certainty_json, evidence
FROM attribution_history
ORDER BY joined_at DESC;

CREATE TABLE new_candidates (
    guild_id   INTEGER NOT NULL,
    user_id    INTEGER NOT NULL,
    joined_at  INTEGER NOT NULL,
    place      INTEGER NOT NULL,
    origin     TEXT NOT NULL,
    code       TEXT,
    inviter_id INTEGER,
    weight     REAL NOT NULL,
    PRIMARY KEY (guild_id, user_id, joined_at, place)
) STRICT, WITHOUT ROWID;

INSERT INTO new_candidates
SELECT c.guild_id, c.user_id, j.joined_at, c.place, c.origin, c.code, c.inviter_id, c.weight
FROM new_joins AS j
JOIN attribution_candidates AS c ON c.guild_id = j.guild_id AND c.user_id = j.user_id
WHERE j.certainty = 'ambiguous'
    AND c.joined_at = (
        SELECT max(a.joined_at)
        FROM attributions AS a
        WHERE a.guild_id = j.guild_id AND a.user_id = j.user_id AND a.certainty = 'ambiguous'
            AND a.revision = j.revision AND a.joined_at BETWEEN j.joined_at AND j.joined_at + 999
    );

CREATE TABLE new_leaves (
    guild_id       INTEGER NOT NULL REFERENCES guilds (guild_id),
    user_id        INTEGER NOT NULL,
    told_joined_at INTEGER,
    observed_at    INTEGER NOT NULL,
    joined_at      INTEGER
) STRICT;

CREATE UNIQUE INDEX new_leaves_told ON new_leaves (guild_id, user_id, told_joined_at) WHERE told_joined_at IS NOT NULL;
CREATE UNIQUE INDEX new_leaves_untold ON new_leaves (guild_id, user_id, observed_at) WHERE told_joined_at IS NULL;

INSERT OR IGNORE INTO new_leaves
SELECT guild_id, user_id, told_joined_at - told_joined_at % 1000, observed_at, joined_at - joined_at % 1000
FROM leaves
ORDER BY observed_at;

DROP TABLE joins;
DROP TABLE attributions;
DROP TABLE attribution_history;
DROP TABLE attribution_candidates;
DROP TABLE leaves;
ALTER TABLE new_joins RENAME TO joins;
ALTER TABLE new_history RENAME TO attribution_history;
ALTER TABLE new_candidates RENAME TO attribution_candidates;
ALTER TABLE new_leaves RENAME TO leaves;

CREATE INDEX joins_by_time ON joins (joined_at, user_id, guild_id);
CREATE INDEX joins_by_guild_time ON joins (guild_id, joined_at, user_id);
CREATE INDEX joins_by_user ON joins (user_id);
-- These two hold all that the reports count, so that they never look at the rows.
CREATE INDEX joins_by_inviter ON joins (inviter_id, origin, certainty, here, joined_at);
CREATE INDEX joins_by_code ON joins (guild_id, code, joined_at, certainty, here) WHERE code IS NOT NULL;
CREATE INDEX candidates_by_inviter ON attribution_candidates (inviter_id) WHERE inviter_id IS NOT NULL;
CREATE INDEX candidates_by_code ON attribution_candidates (guild_id, code, joined_at) WHERE code IS NOT NULL;
CREATE INDEX leaves_by_user ON leaves (user_id);
CREATE INDEX leaves_by_guild_time ON leaves (guild_id, observed_at);

CREATE TABLE new_gaps (
    guild_id    INTEGER NOT NULL REFERENCES guilds (guild_id),
    observed_at INTEGER NOT NULL, -- when it was noticed
    closed_at   INTEGER NOT NULL, -- when what could be done about it was done
    last_known  INTEGER,          -- the latest that was known before, by Discord's clock
    joins_found INTEGER NOT NULL,
    caught_up   INTEGER NOT NULL CHECK (caught_up IN (0, 1)),
    uses_moved  INTEGER,
    PRIMARY KEY (guild_id, observed_at, closed_at)
) STRICT, WITHOUT ROWID;

-- SQLite's own functions know milliseconds; of these times no more is asked.
INSERT OR IGNORE INTO new_gaps
SELECT
    guild_id,
    CAST(round(unixepoch(body ->> 'observed_at', 'subsec') * 1000) AS INTEGER) * 1000,
    CAST(round(unixepoch(body ->> 'closed_at', 'subsec') * 1000) AS INTEGER) * 1000,
    CAST(round(unixepoch(body ->> 'last_known', 'subsec') * 1000) AS INTEGER) * 1000,
    coalesce(body ->> 'joins_found', 0),
    coalesce(body ->> 'caught_up', 0),
    body ->> 'uses_moved'
FROM gaps;

DROP TABLE gaps;
ALTER TABLE new_gaps RENAME TO gaps;

-- Who asked to be forgotten, by a digest that only this ledger's salt (in meta) leads to,
-- so that what arrives later about facts up to `until` is put down to the stand-in.
CREATE TABLE forgotten (
    digest   TEXT NOT NULL,
    until    INTEGER NOT NULL,
    stand_in INTEGER NOT NULL,
    PRIMARY KEY (digest, until)
) STRICT, WITHOUT ROWID;

-- Everything new, in the order in which it was stored. A row names what it is about; what
-- that is stands in the other tables. No number is ever used twice.
CREATE TABLE changes (
    number      INTEGER PRIMARY KEY AUTOINCREMENT,
    kind        TEXT NOT NULL, -- join, leave, attribution, invite_seen, invite_ended, gap
    guild_id    INTEGER NOT NULL,
    user_id     INTEGER, -- join, leave, attribution
    joined_at   INTEGER, -- join, attribution; leave if it was told
    revision    INTEGER, -- attribution
    confirmed   INTEGER, -- attribution
    code        TEXT,    -- invite_…
    created_at  INTEGER, -- invite_…, if known
    observed_at INTEGER, -- leave, gap
    closed_at   INTEGER  -- gap
) STRICT;

CREATE INDEX changes_by_kind ON changes (kind, number);

INSERT INTO changes (kind, guild_id, user_id, joined_at, revision, confirmed, code, created_at, observed_at, closed_at)
SELECT kind, guild_id, user_id, joined_at, revision, confirmed, code, created_at, observed_at, closed_at
FROM (
    SELECT observed_at AS at, 0 AS place, 'join' AS kind, guild_id, user_id, joined_at, NULL AS revision,
        NULL AS confirmed, NULL AS code, NULL AS created_at, NULL AS observed_at, NULL AS closed_at
    FROM joins
    UNION ALL
    SELECT h.decided_at, 1, 'attribution', h.guild_id, h.user_id, h.joined_at, h.revision, h.confirmed, NULL, NULL, NULL, NULL
    FROM attribution_history AS h
    UNION ALL
    SELECT observed_at, 2, 'leave', guild_id, user_id, told_joined_at, NULL, NULL, NULL, NULL, observed_at, NULL
    FROM leaves
    UNION ALL
    SELECT observed_at, 3, 'invite_seen', guild_id, NULL, NULL, NULL, NULL, code, created_at, NULL, NULL
    FROM invites
    UNION ALL
    SELECT state_at, 4, 'invite_ended', guild_id, NULL, NULL, NULL, NULL, code, created_at, NULL, NULL
    FROM invites
    WHERE state <> 'active'
    UNION ALL
    SELECT closed_at, 5, 'gap', guild_id, NULL, NULL, NULL, NULL, NULL, NULL, observed_at, closed_at
    FROM gaps
)
ORDER BY at, place, guild_id, user_id, joined_at, revision, confirmed, code, created_at;

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
