-- The ledger: who joined, through what, and how sure we are.
--
-- Ids are Discord snowflakes as INTEGER. SQLite's integers are signed and
-- snowflakes are not, so an id is stored bit for bit; no id that Discord hands
-- out before 2084 has the top bit set, and until then a negative user_id means
-- exactly one thing: a person whose data was deleted on request.
--
-- Times are INTEGER microseconds since 1970 (UTC), as precise as Discord's own.
-- For people:  datetime(joined_at / 1000000, 'unixepoch')
-- The view `attributed_joins` at the end has readable times already.

-- 'glst': tells this file from another program's SQLite database.
PRAGMA application_id = 1735160692;

CREATE TABLE meta (
    key   TEXT NOT NULL PRIMARY KEY,
    value TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE guilds (
    guild_id INTEGER NOT NULL PRIMARY KEY,
    name     TEXT
) STRICT;

-- Names live here only, so that forgetting a person is forgetting one row.
CREATE TABLE users (
    user_id INTEGER NOT NULL PRIMARY KEY,
    name    TEXT NOT NULL,
    seen_at INTEGER NOT NULL
) STRICT;

CREATE TABLE joins (
    guild_id    INTEGER NOT NULL REFERENCES guilds (guild_id),
    user_id     INTEGER NOT NULL,
    joined_at   INTEGER NOT NULL,
    bot         INTEGER NOT NULL CHECK (bot IN (0, 1)),
    guest       INTEGER NOT NULL CHECK (guest IN (0, 1)),
    pending     INTEGER NOT NULL CHECK (pending IN (0, 1)),
    rejoined    INTEGER CHECK (rejoined IN (0, 1)),
    observed_at INTEGER NOT NULL, -- first seen, by this machine's clock
    observed_by TEXT NOT NULL,    -- how it was first seen: gateway, catch_up
    updated_at  INTEGER NOT NULL, -- last seen; `pending` is as of then
    left_at     INTEGER,          -- the leave that ended this join, observed
    here        INTEGER NOT NULL DEFAULT 1 CHECK (here IN (0, 1)), -- still a member by this join
    PRIMARY KEY (guild_id, user_id, joined_at)
) STRICT, WITHOUT ROWID;

CREATE INDEX joins_by_time ON joins (joined_at, user_id, guild_id);
CREATE INDEX joins_by_guild_time ON joins (guild_id, joined_at, user_id);
CREATE INDEX joins_by_user ON joins (user_id);

-- Discord's leave event does not say which join it ends. `told_joined_at` is
-- set when the tracker knew; `joined_at` is the join this leave was paired
-- with, none if the member had joined before we watched.
CREATE TABLE leaves (
    guild_id       INTEGER NOT NULL REFERENCES guilds (guild_id),
    user_id        INTEGER NOT NULL,
    told_joined_at INTEGER,
    observed_at    INTEGER NOT NULL,
    joined_at      INTEGER
) STRICT;

CREATE UNIQUE INDEX leaves_told ON leaves (guild_id, user_id, told_joined_at) WHERE told_joined_at IS NOT NULL;
CREATE UNIQUE INDEX leaves_untold ON leaves (guild_id, user_id, observed_at) WHERE told_joined_at IS NULL;
CREATE INDEX leaves_by_user ON leaves (user_id);

-- One row for each life of a code: a code that was deleted and handed out
-- again (custom codes, vanity codes) has a new created_at. A list read without
-- MANAGE_GUILD has no created_at at all; such a life has NULL.
CREATE TABLE invites (
    guild_id    INTEGER NOT NULL REFERENCES guilds (guild_id),
    code        TEXT NOT NULL,
    created_at  INTEGER,
    channel_id  INTEGER,
    inviter_id  INTEGER,
    expires_at  INTEGER,
    max_uses    INTEGER,
    max_age     INTEGER, -- seconds
    temporary   INTEGER CHECK (temporary IN (0, 1)),
    uses        INTEGER,
    state       TEXT NOT NULL, -- active, expired, exhausted, revoked, gone
    state_at    INTEGER NOT NULL, -- when that was observed
    ended_at    INTEGER,
    ended_by    INTEGER,
    observed_at INTEGER NOT NULL, -- first seen
    updated_at  INTEGER NOT NULL  -- last seen
) STRICT;

CREATE UNIQUE INDEX invites_life ON invites (guild_id, code, ifnull(created_at, -9223372036854775808));
CREATE INDEX invites_by_inviter ON invites (inviter_id);

-- What is held about each join now. `certainty` is one of confirmed, deduced,
-- ambiguous, unknown; `certainty_json` and `evidence` hold all of it.
CREATE TABLE attributions (
    guild_id       INTEGER NOT NULL,
    user_id        INTEGER NOT NULL,
    joined_at      INTEGER NOT NULL,
    revision       INTEGER NOT NULL,
    decided_at     INTEGER NOT NULL,
    certainty      TEXT NOT NULL,
    origin         TEXT,    -- confirmed and deduced only: invite, vanity, bot, …
    code           TEXT,
    inviter_id     INTEGER,
    certainty_json TEXT NOT NULL,
    evidence       TEXT NOT NULL,
    PRIMARY KEY (guild_id, user_id, joined_at)
) STRICT, WITHOUT ROWID;

CREATE INDEX attributions_by_code ON attributions (guild_id, code, joined_at) WHERE code IS NOT NULL;
CREATE INDEX attributions_by_inviter ON attributions (inviter_id, joined_at) WHERE inviter_id IS NOT NULL;

-- The candidates of ambiguous joins, so that reports can say "possibly".
CREATE TABLE attribution_candidates (
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

CREATE INDEX candidates_by_inviter ON attribution_candidates (inviter_id) WHERE inviter_id IS NOT NULL;
CREATE INDEX candidates_by_code ON attribution_candidates (guild_id, code) WHERE code IS NOT NULL;

-- Every revision that was ever stated, for whoever asks why.
CREATE TABLE attribution_history (
    guild_id       INTEGER NOT NULL,
    user_id        INTEGER NOT NULL,
    joined_at      INTEGER NOT NULL,
    revision       INTEGER NOT NULL,
    decided_at     INTEGER NOT NULL,
    certainty      TEXT NOT NULL,
    certainty_json TEXT NOT NULL,
    evidence       TEXT NOT NULL,
    PRIMARY KEY (guild_id, user_id, joined_at, revision)
) STRICT, WITHOUT ROWID;

-- Times in which joins may have been missed.
CREATE TABLE gaps (
    guild_id INTEGER NOT NULL REFERENCES guilds (guild_id),
    body     TEXT NOT NULL, -- the record, JSON
    PRIMARY KEY (guild_id, body)
) STRICT, WITHOUT ROWID;

-- The tracker's state, one row a guild, written with the records it produced.
CREATE TABLE guild_states (
    guild_id INTEGER NOT NULL PRIMARY KEY,
    state    TEXT NOT NULL
) STRICT;

-- Where to resume each shard's gateway session.
CREATE TABLE gateway_sessions (
    shard       INTEGER NOT NULL,
    shards      INTEGER NOT NULL,
    application INTEGER,
    session_id  TEXT NOT NULL,
    resume_url  TEXT NOT NULL,
    sequence    INTEGER NOT NULL,
    PRIMARY KEY (shard, shards)
) STRICT, WITHOUT ROWID;

CREATE VIEW attributed_joins AS
SELECT
    j.guild_id,
    j.user_id,
    member.name AS user_name,
    strftime('%Y-%m-%dT%H:%M:%SZ', j.joined_at / 1000000, 'unixepoch') AS joined_time,
    a.certainty,
    a.origin,
    a.code,
    a.inviter_id,
    inviter.name AS inviter_name,
    strftime('%Y-%m-%dT%H:%M:%SZ', j.left_at / 1000000, 'unixepoch') AS left_time,
    j.here
FROM joins AS j
LEFT JOIN attributions AS a USING (guild_id, user_id, joined_at)
LEFT JOIN users AS member ON member.user_id = j.user_id
LEFT JOIN users AS inviter ON inviter.user_id = a.inviter_id;
