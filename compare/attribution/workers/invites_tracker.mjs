// @androz2091/discord-invites-tracker, used as its README shows.

import { answer, bot, login, ready, require } from './bot.mjs';

const InvitesTracker = require('@androz2091/discord-invites-tracker');

const client = bot();
const tracker = InvitesTracker.init(client, { fetchGuilds: true, fetchVanity: true, fetchAuditLogs: true });

tracker.on('cacheFetched', ready);
tracker.on('guildMemberAdd', (member, type, invite) => {
  if (type === 'normal') answer(member, { origin: 'invite', code: invite.code, inviter_id: invite.inviter?.id });
  else if (type === 'vanity') answer(member, { origin: 'vanity' });
  else answer(member, null);
});

await login(client);
