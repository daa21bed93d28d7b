-- The tracker's state of a guild in parts, so that a join rewrites what changed and not
-- the whole guild. What a part says is the tracker's business. A state that was stored
-- before is one part, which the tracker takes apart.
CREATE TABLE state_parts (
    guild_id INTEGER NOT NULL,
    part     TEXT NOT NULL,
    body     TEXT NOT NULL,
    PRIMARY KEY (guild_id, part)
) STRICT, WITHOUT ROWID;

INSERT INTO state_parts (guild_id, part, body)
SELECT guild_id, 'whole', state FROM guild_states;

DROP TABLE guild_states;
