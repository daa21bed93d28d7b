-- How far each source of events was read, in its own words. A position covers guilds
-- of the partition that it was stored for; one process alone has partition 0 of 1.
CREATE TABLE positions (
    key              TEXT NOT NULL, -- such as 'shard 3 of 16'
    partition_number INTEGER NOT NULL,
    partition_count  INTEGER NOT NULL,
    body             TEXT NOT NULL, -- the source's own words
    PRIMARY KEY (key, partition_number, partition_count)
) STRICT, WITHOUT ROWID;

INSERT INTO positions (key, partition_number, partition_count, body)
SELECT
    'shard ' || shard || ' of ' || shards,
    0,
    1,
    json_object('owner', owner, 'session_id', session_id, 'resume_url', resume_url, 'sequence', sequence)
FROM gateway_sessions;

DROP TABLE gateway_sessions;

-- Who writes which guilds: one row for each claim that no later one has ended.
CREATE TABLE claims (
    epoch            INTEGER NOT NULL PRIMARY KEY, -- rises with every claim
    partition_number INTEGER NOT NULL,
    partition_count  INTEGER NOT NULL,
    owner            TEXT NOT NULL
) STRICT;
