-- Questions over all servers, over all time, and for names looked at every join. These
-- counts answer them. The database itself keeps them right: whatever changes a row of
-- `join_data`, `leave_data` or `candidate_data` changes its counts in the same statement.

-- How many joined and left, by certainty and way in. `hours` is how wide a span is: 24 for
-- days, 1 for hours, 0 for all time; `start` is when it begins, in hours after 1970 (UTC).
-- Guild 0 stands for all guilds together; only it has hours, and only others have all time.
--
-- A leave counts by the join that it ended. Rows may be all zero.
CREATE TABLE counts (
    guild     INTEGER NOT NULL, -- guilds.number
    hours     INTEGER NOT NULL,
    start     INTEGER NOT NULL,
    certainty INTEGER NOT NULL, -- as in join_data, or -1 while there is none
    origin    TEXT NOT NULL,    -- as in ways, or '' while it is not known
    joins     INTEGER NOT NULL,
    leaves    INTEGER NOT NULL,
    PRIMARY KEY (guild, hours, start, certainty, origin)
) STRICT, WITHOUT ROWID;

-- The spans that a moment is in.
CREATE TABLE count_widths (
    hours  INTEGER NOT NULL,
    of_all INTEGER NOT NULL CHECK (of_all IN (0, 1)),
    PRIMARY KEY (hours, of_all)
) STRICT, WITHOUT ROWID;
INSERT INTO count_widths (hours, of_all) VALUES (0, 0), (24, 0), (24, 1), (1, 1);

-- Joins that are put down to a way in, those of them who are still here, and ambiguous
-- joins that it is a candidate of.
ALTER TABLE ways ADD COLUMN confirmed INTEGER NOT NULL DEFAULT 0;
ALTER TABLE ways ADD COLUMN deduced INTEGER NOT NULL DEFAULT 0;
ALTER TABLE ways ADD COLUMN here INTEGER NOT NULL DEFAULT 0;
ALTER TABLE ways ADD COLUMN ambiguous INTEGER NOT NULL DEFAULT 0;

-- Which pairs of letters follow each other in the member's name, as bits: a name without
-- the pairs of a search cannot have its text. No name has marks of 0, and one that is too
-- long for marks, or has a NUL in it, has them all.
ALTER TABLE join_data ADD COLUMN marks INTEGER NOT NULL DEFAULT 0;

CREATE TABLE pairs (place INTEGER NOT NULL PRIMARY KEY) STRICT;
INSERT INTO pairs (place) SELECT value FROM json_each('[1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,26,27,28,29,30,31,32]');

CREATE VIEW name_marks AS
SELECT n.user_id, CASE WHEN length(n.name) > 33 OR instr(n.name, char(0)) THEN -1 ELSE ifnull((
    SELECT sum(DISTINCT 1 << (unicode(substr(n.name, at.place, 1)) * 37 + unicode(substr(n.name, at.place + 1, 1))) % 31)
    FROM pairs AS at WHERE at.place < length(n.name)
), 0) END AS marks
FROM (SELECT user_id, coalesce(folded, lower(name)) AS name FROM users) AS n;

-- Leaves are not rare among the changes, so no index has to find them.
DROP INDEX changes_of_rare_kinds;
CREATE INDEX changes_of_rare_kinds ON changes (kind, number) WHERE kind > 2;

-- All of it for what there is.
CREATE TEMPORARY TABLE counted AS
SELECT d.guild, (d.joined_at - ((d.joined_at % 3600000000) + 3600000000) % 3600000000) / 3600000000 AS start,
    ifnull(d.certainty, -1) AS certainty, ifnull(w.origin, '') AS origin, count(*) AS joins, 0 AS leaves
FROM join_data AS d LEFT JOIN ways AS w ON w.number = d.way
GROUP BY 1, 2, 3, 4
UNION ALL
SELECT l.guild, (l.observed_at - ((l.observed_at % 3600000000) + 3600000000) % 3600000000) / 3600000000,
    ifnull(d.certainty, -1), ifnull(w.origin, ''), 0, count(*)
FROM leave_data AS l
LEFT JOIN join_data AS d ON d.guild = l.guild AND d.joined_at = l.which + l.pairs AND d.user_id = l.user_id
LEFT JOIN ways AS w ON w.number = d.way
GROUP BY 1, 2, 3, 4;

INSERT INTO counts
SELECT guild, 0, 0, certainty, origin, sum(joins), sum(leaves) FROM counted GROUP BY 1, 2, 3, 4, 5
UNION ALL
SELECT guild, 24, start - ((start % 24) + 24) % 24, certainty, origin, sum(joins), sum(leaves)
FROM counted GROUP BY 1, 2, 3, 4, 5
UNION ALL
SELECT 0, 24, start - ((start % 24) + 24) % 24, certainty, origin, sum(joins), sum(leaves)
FROM counted GROUP BY 1, 2, 3, 4, 5
UNION ALL
SELECT 0, 1, start, certainty, origin, sum(joins), sum(leaves) FROM counted GROUP BY 1, 2, 3, 4, 5;

DROP TABLE counted;

UPDATE ways SET confirmed = c.confirmed, deduced = c.deduced, here = c.here
FROM (
    SELECT way, count(*) FILTER (WHERE certainty = 0) AS confirmed, count(*) FILTER (WHERE certainty = 1) AS deduced,
        count(*) FILTER (WHERE here) AS here
    FROM join_data WHERE way IS NOT NULL GROUP BY way
) AS c
WHERE c.way = ways.number;

UPDATE ways SET ambiguous = c.joins
FROM (SELECT way, count(*) AS joins FROM candidate_data GROUP BY way) AS c
WHERE c.way = ways.number;

UPDATE join_data SET marks = ifnull((SELECT m.marks FROM name_marks AS m WHERE m.user_id = join_data.user_id), 0);

-- To count something is to insert it here: what happened when, with what is known of the join.
CREATE VIEW counting AS
SELECT 0 AS guild, 0 AS at, 0 AS certainty, 0 AS way, 0 AS joins, 0 AS leaves;

CREATE TRIGGER something_counts INSTEAD OF INSERT ON counting
BEGIN
    INSERT INTO counts (guild, hours, start, certainty, origin, joins, leaves)
    SELECT CASE WHEN s.of_all THEN 0 ELSE NEW.guild END, s.hours,
        CASE s.hours
            WHEN 0 THEN 0
            WHEN 1 THEN (NEW.at - ((NEW.at % 3600000000) + 3600000000) % 3600000000) / 3600000000
            ELSE (NEW.at - ((NEW.at % 86400000000) + 86400000000) % 86400000000) / 3600000000
        END,
        ifnull(NEW.certainty, -1), ifnull((SELECT origin FROM ways WHERE number = NEW.way), ''), NEW.joins, NEW.leaves
    FROM count_widths AS s WHERE TRUE
    ON CONFLICT DO UPDATE SET joins = joins + excluded.joins, leaves = leaves + excluded.leaves;
END;

CREATE TRIGGER join_is_counted AFTER INSERT ON join_data
BEGIN
    INSERT INTO counting VALUES (NEW.guild, NEW.joined_at, NEW.certainty, NEW.way, 1, 0);
    UPDATE ways SET confirmed = confirmed + (NEW.certainty = 0), deduced = deduced + (NEW.certainty = 1),
        here = here + NEW.here
    WHERE number = NEW.way;
END;

CREATE TRIGGER join_is_uncounted AFTER DELETE ON join_data
BEGIN
    INSERT INTO counting VALUES (OLD.guild, OLD.joined_at, OLD.certainty, OLD.way, -1, 0);
    UPDATE ways SET confirmed = confirmed - (OLD.certainty = 0), deduced = deduced - (OLD.certainty = 1),
        here = here - OLD.here
    WHERE number = OLD.way;
END;

CREATE TRIGGER join_is_counted_anew AFTER UPDATE OF guild, joined_at, certainty, way ON join_data
WHEN (OLD.guild, OLD.joined_at, OLD.certainty, OLD.way) IS NOT (NEW.guild, NEW.joined_at, NEW.certainty, NEW.way)
BEGIN
    INSERT INTO counting VALUES (OLD.guild, OLD.joined_at, OLD.certainty, OLD.way, -1, 0);
    INSERT INTO counting VALUES (NEW.guild, NEW.joined_at, NEW.certainty, NEW.way, 1, 0);
END;

CREATE TRIGGER way_is_counted_anew AFTER UPDATE OF certainty, way, here ON join_data
WHEN (OLD.certainty, OLD.way, OLD.here) IS NOT (NEW.certainty, NEW.way, NEW.here)
BEGIN
    UPDATE ways SET confirmed = confirmed - (OLD.certainty = 0), deduced = deduced - (OLD.certainty = 1),
        here = here - OLD.here
    WHERE number = OLD.way;
    UPDATE ways SET confirmed = confirmed + (NEW.certainty = 0), deduced = deduced + (NEW.certainty = 1),
        here = here + NEW.here
    WHERE number = NEW.way;
END;

-- The leaves that ended a join are counted by what is known of it.
CREATE TRIGGER leaves_of_join_are_counted AFTER INSERT ON join_data
WHEN NEW.certainty IS NOT NULL
BEGIN
    INSERT INTO counting
    SELECT l.guild, l.observed_at, sign.certainty, sign.way, 0, sign.leaves
    FROM leave_data AS l
    CROSS JOIN (SELECT NULL AS certainty, NULL AS way, -1 AS leaves UNION ALL SELECT NEW.certainty, NEW.way, 1) AS sign
    WHERE l.user_id = NEW.user_id AND l.guild = NEW.guild AND l.which + l.pairs = NEW.joined_at;
END;

CREATE TRIGGER leaves_of_join_are_uncounted AFTER DELETE ON join_data
WHEN OLD.certainty IS NOT NULL
BEGIN
    INSERT INTO counting
    SELECT l.guild, l.observed_at, sign.certainty, sign.way, 0, sign.leaves
    FROM leave_data AS l
    CROSS JOIN (SELECT OLD.certainty AS certainty, OLD.way AS way, -1 AS leaves UNION ALL SELECT NULL, NULL, 1) AS sign
    WHERE l.user_id = OLD.user_id AND l.guild = OLD.guild AND l.which + l.pairs = OLD.joined_at;
END;

CREATE TRIGGER leaves_of_join_are_counted_anew AFTER UPDATE OF guild, joined_at, user_id, certainty, way ON join_data
WHEN (OLD.guild, OLD.joined_at, OLD.user_id, OLD.certainty, OLD.way)
    IS NOT (NEW.guild, NEW.joined_at, NEW.user_id, NEW.certainty, NEW.way)
BEGIN
    INSERT INTO counting
    SELECT l.guild, l.observed_at, sign.certainty, sign.way, 0, sign.leaves
    FROM leave_data AS l
    CROSS JOIN (SELECT OLD.certainty AS certainty, OLD.way AS way, -1 AS leaves UNION ALL SELECT NULL, NULL, 1) AS sign
    WHERE l.user_id = OLD.user_id AND l.guild = OLD.guild AND l.which + l.pairs = OLD.joined_at;
    INSERT INTO counting
    SELECT l.guild, l.observed_at, sign.certainty, sign.way, 0, sign.leaves
    FROM leave_data AS l
    CROSS JOIN (SELECT NULL AS certainty, NULL AS way, -1 AS leaves UNION ALL SELECT NEW.certainty, NEW.way, 1) AS sign
    WHERE l.user_id = NEW.user_id AND l.guild = NEW.guild AND l.which + l.pairs = NEW.joined_at;
END;

CREATE TRIGGER leave_is_counted AFTER INSERT ON leave_data
BEGIN
    INSERT INTO counting
    SELECT NEW.guild, NEW.observed_at, d.certainty, d.way, 0, 1
    FROM (SELECT 1) LEFT JOIN join_data AS d
        ON d.guild = NEW.guild AND d.joined_at = NEW.which + NEW.pairs AND d.user_id = NEW.user_id;
END;

CREATE TRIGGER leave_is_uncounted AFTER DELETE ON leave_data
BEGIN
    INSERT INTO counting
    SELECT OLD.guild, OLD.observed_at, d.certainty, d.way, 0, -1
    FROM (SELECT 1) LEFT JOIN join_data AS d
        ON d.guild = OLD.guild AND d.joined_at = OLD.which + OLD.pairs AND d.user_id = OLD.user_id;
END;

CREATE TRIGGER leave_is_counted_anew AFTER UPDATE ON leave_data
BEGIN
    INSERT INTO counting
    SELECT OLD.guild, OLD.observed_at, d.certainty, d.way, 0, -1
    FROM (SELECT 1) LEFT JOIN join_data AS d
        ON d.guild = OLD.guild AND d.joined_at = OLD.which + OLD.pairs AND d.user_id = OLD.user_id;
    INSERT INTO counting
    SELECT NEW.guild, NEW.observed_at, d.certainty, d.way, 0, 1
    FROM (SELECT 1) LEFT JOIN join_data AS d
        ON d.guild = NEW.guild AND d.joined_at = NEW.which + NEW.pairs AND d.user_id = NEW.user_id;
END;

CREATE TRIGGER candidate_is_counted AFTER INSERT ON candidate_data
BEGIN
    UPDATE ways SET ambiguous = ambiguous + 1 WHERE number = NEW.way;
END;

CREATE TRIGGER candidate_is_uncounted AFTER DELETE ON candidate_data
BEGIN
    UPDATE ways SET ambiguous = ambiguous - 1 WHERE number = OLD.way;
END;

CREATE TRIGGER candidate_is_counted_anew AFTER UPDATE OF way ON candidate_data
BEGIN
    UPDATE ways SET ambiguous = ambiguous - 1 WHERE number = OLD.way;
    UPDATE ways SET ambiguous = ambiguous + 1 WHERE number = NEW.way;
END;
