-- Whose session it is: the bot, and the API that it talks to. The application alone was
-- never filled in, and would not have told a sandbox from Discord.
ALTER TABLE gateway_sessions DROP COLUMN application;
ALTER TABLE gateway_sessions ADD COLUMN owner TEXT;
