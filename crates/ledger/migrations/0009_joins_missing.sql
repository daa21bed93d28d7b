-- How many joined at least in a gap, and were not found, by the number of members.
ALTER TABLE gaps ADD COLUMN joins_missing INTEGER NOT NULL DEFAULT 0;
