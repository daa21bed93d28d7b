// discord-inviter, used as its README shows.

import { answer, bot, login, ready, require } from './bot.mjs';

const { inviteTracker: InviteTracker } = require('discord-inviter');

const client = bot();
const tracker = new InviteTracker(client);

tracker.on('error', (guild, error) => console.error(guild?.name, error));
tracker.on('guildMemberAdd', (member, inviter, invite, error) => {
  answer(member, error ? null : said(member, inviter, invite));
});

/** It calls a code "Unknown" both for a bot, whose inviter it knows, and where it knows nothing. */
function said(member, inviter, invite) {
  if (invite.isVanity) return { origin: 'vanity', code: invite.code };
  if (invite.code !== 'Unknown') return { origin: 'invite', code: invite.code, inviter_id: inviter.id };
  // Knowing nothing, it names the owner, and counts the uses of the owner's invites.
  if (member.user.bot && invite.count === 'Unknown') return { origin: 'bot', inviter_id: inviter.id };
  return null;
}

// It has no event for a warm cache, and fills it on `ready`, in listeners of its own that come first.
// The harness waits until it makes no more requests.
client.on('clientReady', ready);

await login(client);
