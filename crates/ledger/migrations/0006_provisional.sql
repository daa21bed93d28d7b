-- From this version on, `certainty` in joins and attribution_history may also be
-- 'provisional': a first estimate that a later revision of the same join replaces. Its
-- candidates are in certainty_json alone, so that no report counts them.

-- What was stated before and confirmed later is compared join by join.
CREATE INDEX history_of_confirmed ON attribution_history (guild_id, joined_at, user_id) WHERE confirmed;
