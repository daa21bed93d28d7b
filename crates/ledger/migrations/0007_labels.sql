-- Labels group codes of a guild. They belong to the code in all its lives, and may be set
-- before the code was ever seen. Nothing that forgets a person touches them.
CREATE TABLE labels (
    guild_id INTEGER NOT NULL,
    code     TEXT NOT NULL,
    label    TEXT NOT NULL,
    set_at   INTEGER NOT NULL,
    PRIMARY KEY (guild_id, code)
) STRICT, WITHOUT ROWID;

CREATE INDEX labels_by_label ON labels (label, guild_id);

-- The name in lower case, where that is more than SQLite's lower() does (which knows ASCII).
ALTER TABLE users ADD COLUMN folded TEXT;
