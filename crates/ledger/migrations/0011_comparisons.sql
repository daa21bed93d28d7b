-- What was said of joins before they were confirmed is compared once, when it is stored, and
-- counted by day. As with `counts`, the database itself keeps that right.

-- Of joins that are confirmed: which answers there were before, and which of these were right.
-- `day` is days after 1970 (UTC), of the joins. Rows may be all zero.
CREATE TABLE compared (
    guild             INTEGER NOT NULL, -- guilds.number
    day               INTEGER NOT NULL,
    confirmed         INTEGER NOT NULL,
    deduced           INTEGER NOT NULL,
    deduced_right     INTEGER NOT NULL,
    ambiguous         INTEGER NOT NULL,
    ambiguous_right   INTEGER NOT NULL,
    provisional       INTEGER NOT NULL,
    provisional_right INTEGER NOT NULL,
    PRIMARY KEY (guild, day)
) STRICT, WITHOUT ROWID;

-- Of the candidates of those answers: how likely they were said to be, in tenths, and how many
-- were true. `given` is the sum of the weights, in billionths.
CREATE TABLE compared_weights (
    guild      INTEGER NOT NULL,
    day        INTEGER NOT NULL,
    certainty  INTEGER NOT NULL, -- as in join_data: 2 or 4
    tenth      INTEGER NOT NULL,
    candidates INTEGER NOT NULL,
    given      INTEGER NOT NULL,
    true_ones  INTEGER NOT NULL,
    PRIMARY KEY (guild, day, certainty, tenth)
) STRICT, WITHOUT ROWID;

-- The answers that were given about joins before they were confirmed, with whether they are the
-- true way in.
CREATE VIEW earlier_answers AS
SELECT d.guild, d.joined_at, d.user_id, h.certainty, h.revision, h.told, truth.origin, truth.code,
    truth.join_source_type,
    said.origin IS truth.origin AND CASE truth.origin
        WHEN 'invite' THEN said.code IS truth.code
        WHEN 'other' THEN said.join_source_type IS truth.join_source_type
        ELSE TRUE END AS same
FROM join_data AS d
CROSS JOIN history_data AS h ON h.user_id = d.user_id AND h.guild = d.guild AND h.joined_at = d.joined_at
CROSS JOIN ways AS truth ON truth.number = d.way
LEFT JOIN ways AS said ON said.number = h.way
WHERE d.certainty = 0 AND h.certainty IN (1, 2, 4);

-- Of the guesses among these, the last ambiguous and the first provisional one of each join.
CREATE VIEW earlier_guesses AS
SELECT e.guild, e.joined_at, e.user_id, e.certainty, e.told, e.origin, e.code, e.join_source_type
FROM earlier_answers AS e
WHERE e.certainty <> 1 AND e.revision = (
    SELECT CASE e.certainty WHEN 2 THEN max(o.revision) ELSE min(o.revision) END
    FROM history_data AS o
    WHERE o.user_id = e.user_id AND o.guild = e.guild AND o.joined_at = e.joined_at AND o.certainty = e.certainty
);

-- The candidates of these, as they are told today and as they were told before version 8. (With a
-- UNION of both, SQLite would look at all joins for each.)
CREATE VIEW earlier_ways AS
SELECT e.guild, e.joined_at, e.user_id, e.certainty, c.key AS place,
    coalesce(w.origin, c.value ->> '$.origin.origin') AS origin,
    coalesce(c.value ->> 1, c.value ->> '$.weight') AS weight,
    coalesce(w.origin, c.value ->> '$.origin.origin') IS e.origin AND CASE e.origin
        WHEN 'invite' THEN coalesce(w.code, c.value ->> '$.origin.code') IS e.code
        WHEN 'other' THEN coalesce(w.join_source_type, c.value ->> '$.origin.join_source_type') IS e.join_source_type
        ELSE TRUE END AS same
FROM earlier_guesses AS e
CROSS JOIN json_each(e.told, CASE WHEN e.told ->> '$.certainty' IS NULL THEN '$.k' ELSE '$.certainty.answer' END) AS c
LEFT JOIN ways AS w ON w.number = c.value ->> 0;

-- And whether they were true. "A way that moves no count" is whatever is not among the others.
CREATE VIEW earlier_candidates AS
SELECT c.guild, c.joined_at, c.user_id, c.certainty, c.place, c.weight,
    CASE c.origin WHEN 'unseen' THEN NOT EXISTS (
        SELECT 1 FROM earlier_ways AS o
        WHERE o.guild = c.guild AND o.joined_at = c.joined_at AND o.user_id = c.user_id AND o.certainty = c.certainty
            AND o.same
    ) ELSE c.same END AS is_true,
    CAST(min(round(c.weight * 100), 99) AS INTEGER) / 10 AS tenth,
    CAST(round(c.weight * 1000000000) AS INTEGER) AS given
FROM earlier_ways AS c;

-- Every join that is confirmed, with what of it is counted.
CREATE VIEW comparisons AS
SELECT d.guild, d.joined_at, d.user_id,
    (d.joined_at - ((d.joined_at % 86400000000) + 86400000000) % 86400000000) / 86400000000 AS day,
    EXISTS (
        SELECT 1 FROM history_data AS h
        WHERE h.user_id = d.user_id AND h.guild = d.guild AND h.joined_at = d.joined_at AND h.certainty = 1
    ) AS deduced,
    ifnull((
        SELECT min(e.same) FROM earlier_answers AS e
        WHERE e.guild = d.guild AND e.joined_at = d.joined_at AND e.user_id = d.user_id AND e.certainty = 1
    ), 0) AS deduced_right,
    EXISTS (
        SELECT 1 FROM earlier_ways AS c
        WHERE c.guild = d.guild AND c.joined_at = d.joined_at AND c.user_id = d.user_id AND c.certainty = 2
    ) AS ambiguous,
    ifnull((
        SELECT c.is_true FROM earlier_candidates AS c
        WHERE c.guild = d.guild AND c.joined_at = d.joined_at AND c.user_id = d.user_id AND c.certainty = 2
            AND c.place = 0
    ), 0) AS ambiguous_right,
    EXISTS (
        SELECT 1 FROM earlier_ways AS c
        WHERE c.guild = d.guild AND c.joined_at = d.joined_at AND c.user_id = d.user_id AND c.certainty = 4
    ) AS provisional,
    ifnull((
        SELECT c.is_true FROM earlier_candidates AS c
        WHERE c.guild = d.guild AND c.joined_at = d.joined_at AND c.user_id = d.user_id AND c.certainty = 4
            AND c.place = 0
    ), 0) AS provisional_right
FROM join_data AS d
WHERE d.certainty = 0 AND d.way IS NOT NULL;

-- All of it for what there is.
INSERT INTO compared
SELECT guild, day, count(*), sum(deduced), sum(deduced_right), sum(ambiguous), sum(ambiguous_right), sum(provisional),
    sum(provisional_right)
FROM comparisons GROUP BY 1, 2;

INSERT INTO compared_weights
SELECT guild, (joined_at - ((joined_at % 86400000000) + 86400000000) % 86400000000) / 86400000000, certainty, tenth,
    count(*), sum(given), sum(is_true)
FROM earlier_candidates GROUP BY 1, 2, 3, 4;

-- To insert a join here adds it to the counts, or takes it away with a sign of -1. Whatever
-- changes a confirmed join or an earlier answer takes the join away before, and adds it after.
CREATE VIEW comparing AS
SELECT 0 AS guild, 0 AS joined_at, 0 AS user_id, 0 AS sign;

CREATE TRIGGER something_is_compared INSTEAD OF INSERT ON comparing
BEGIN
    INSERT INTO compared
    SELECT c.guild, c.day, NEW.sign, NEW.sign * c.deduced, NEW.sign * c.deduced_right, NEW.sign * c.ambiguous,
        NEW.sign * c.ambiguous_right, NEW.sign * c.provisional, NEW.sign * c.provisional_right
    FROM comparisons AS c
    WHERE c.guild = NEW.guild AND c.joined_at = NEW.joined_at AND c.user_id = NEW.user_id
    ON CONFLICT DO UPDATE SET confirmed = confirmed + excluded.confirmed, deduced = deduced + excluded.deduced,
        deduced_right = deduced_right + excluded.deduced_right, ambiguous = ambiguous + excluded.ambiguous,
        ambiguous_right = ambiguous_right + excluded.ambiguous_right,
        provisional = provisional + excluded.provisional,
        provisional_right = provisional_right + excluded.provisional_right;
    INSERT INTO compared_weights
    SELECT c.guild, (c.joined_at - ((c.joined_at % 86400000000) + 86400000000) % 86400000000) / 86400000000,
        c.certainty, c.tenth, NEW.sign, NEW.sign * c.given, NEW.sign * c.is_true
    FROM earlier_candidates AS c
    WHERE c.guild = NEW.guild AND c.joined_at = NEW.joined_at AND c.user_id = NEW.user_id
    ON CONFLICT DO UPDATE SET candidates = candidates + excluded.candidates, given = given + excluded.given,
        true_ones = true_ones + excluded.true_ones;
END;

CREATE TRIGGER join_is_compared AFTER INSERT ON join_data
WHEN NEW.certainty = 0
BEGIN
    INSERT INTO comparing VALUES (NEW.guild, NEW.joined_at, NEW.user_id, 1);
END;

CREATE TRIGGER join_is_compared_no_more BEFORE DELETE ON join_data
WHEN OLD.certainty = 0
BEGIN
    INSERT INTO comparing VALUES (OLD.guild, OLD.joined_at, OLD.user_id, -1);
END;

CREATE TRIGGER join_was_compared BEFORE UPDATE OF guild, joined_at, user_id, certainty, way ON join_data
WHEN OLD.certainty = 0 AND (OLD.guild, OLD.joined_at, OLD.user_id, OLD.certainty, OLD.way)
    IS NOT (NEW.guild, NEW.joined_at, NEW.user_id, NEW.certainty, NEW.way)
BEGIN
    INSERT INTO comparing VALUES (OLD.guild, OLD.joined_at, OLD.user_id, -1);
END;

CREATE TRIGGER join_is_compared_anew AFTER UPDATE OF guild, joined_at, user_id, certainty, way ON join_data
WHEN NEW.certainty = 0 AND (OLD.guild, OLD.joined_at, OLD.user_id, OLD.certainty, OLD.way)
    IS NOT (NEW.guild, NEW.joined_at, NEW.user_id, NEW.certainty, NEW.way)
BEGIN
    INSERT INTO comparing VALUES (NEW.guild, NEW.joined_at, NEW.user_id, 1);
END;

CREATE TRIGGER answer_comes BEFORE INSERT ON history_data
BEGIN
    INSERT INTO comparing VALUES (NEW.guild, NEW.joined_at, NEW.user_id, -1);
END;

CREATE TRIGGER answer_came AFTER INSERT ON history_data
BEGIN
    INSERT INTO comparing VALUES (NEW.guild, NEW.joined_at, NEW.user_id, 1);
END;

CREATE TRIGGER answer_goes BEFORE DELETE ON history_data
BEGIN
    INSERT INTO comparing VALUES (OLD.guild, OLD.joined_at, OLD.user_id, -1);
END;

CREATE TRIGGER answer_went AFTER DELETE ON history_data
BEGIN
    INSERT INTO comparing VALUES (OLD.guild, OLD.joined_at, OLD.user_id, 1);
END;

CREATE TRIGGER answer_changes BEFORE UPDATE ON history_data
BEGIN
    INSERT INTO comparing
    SELECT OLD.guild, OLD.joined_at, OLD.user_id, -1 UNION SELECT NEW.guild, NEW.joined_at, NEW.user_id, -1;
END;

CREATE TRIGGER answer_changed AFTER UPDATE ON history_data
BEGIN
    INSERT INTO comparing
    SELECT OLD.guild, OLD.joined_at, OLD.user_id, 1 UNION SELECT NEW.guild, NEW.joined_at, NEW.user_id, 1;
END;

-- Members who joined more than once are looked up for the tree; there are few.
CREATE INDEX joins_again ON join_data (guild, user_id) WHERE again;
