-- Of joins and attributions in the feed, `at` is whole milliseconds, as the join's key has them: it
-- takes two bytes less. Of the other kinds it is microseconds as before.
UPDATE changes SET at = at / 1000 WHERE kind < 2;
