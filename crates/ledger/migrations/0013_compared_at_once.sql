-- Comparing a join with what was said of it before reads its guesses once for each of both tables,
-- and adds up candidates before they are stored. What is counted is the same.

DROP TRIGGER something_is_compared;

CREATE TRIGGER something_is_compared INSTEAD OF INSERT ON comparing
BEGIN
    INSERT INTO compared
    SELECT d.guild, (d.joined_at - ((d.joined_at % 86400000000) + 86400000000) % 86400000000) / 86400000000,
        NEW.sign, NEW.sign * e.deduced, NEW.sign * e.deduced_right, NEW.sign * e.ambiguous,
        NEW.sign * e.ambiguous_right, NEW.sign * e.provisional, NEW.sign * e.provisional_right
    FROM join_data AS d
    CROSS JOIN (
        SELECT ifnull(max(a.certainty = 1), 0) AS deduced,
            ifnull(min(CASE a.certainty WHEN 1 THEN a.same END), 0) AS deduced_right,
            ifnull(max(a.certainty = 2), 0) AS ambiguous,
            ifnull(max(CASE a.certainty WHEN 2 THEN a.same END), 0) AS ambiguous_right,
            ifnull(max(a.certainty = 4), 0) AS provisional,
            ifnull(max(CASE a.certainty WHEN 4 THEN a.same END), 0) AS provisional_right
        FROM (
            SELECT e.certainty, e.same FROM earlier_answers AS e
            WHERE e.guild = NEW.guild AND e.joined_at = NEW.joined_at AND e.user_id = NEW.user_id AND e.certainty = 1
            UNION ALL
            SELECT c.certainty, c.is_true FROM earlier_candidates AS c
            WHERE c.guild = NEW.guild AND c.joined_at = NEW.joined_at AND c.user_id = NEW.user_id AND c.place = 0
        ) AS a
    ) AS e
    WHERE d.guild = NEW.guild AND d.joined_at = NEW.joined_at AND d.user_id = NEW.user_id
        AND d.certainty = 0 AND d.way IS NOT NULL
    ON CONFLICT DO UPDATE SET confirmed = confirmed + excluded.confirmed, deduced = deduced + excluded.deduced,
        deduced_right = deduced_right + excluded.deduced_right, ambiguous = ambiguous + excluded.ambiguous,
        ambiguous_right = ambiguous_right + excluded.ambiguous_right,
        provisional = provisional + excluded.provisional,
        provisional_right = provisional_right + excluded.provisional_right;
    INSERT INTO compared_weights
    SELECT c.guild, (c.joined_at - ((c.joined_at % 86400000000) + 86400000000) % 86400000000) / 86400000000,
        c.certainty, c.tenth, NEW.sign * count(*), NEW.sign * sum(c.given), NEW.sign * sum(c.is_true)
    FROM earlier_candidates AS c
    WHERE c.guild = NEW.guild AND c.joined_at = NEW.joined_at AND c.user_id = NEW.user_id
    GROUP BY c.certainty, c.tenth
    ON CONFLICT DO UPDATE SET candidates = candidates + excluded.candidates, given = given + excluded.given,
        true_ones = true_ones + excluded.true_ones;
END;
