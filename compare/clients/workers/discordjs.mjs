// discord.js: `rest.api` is an option of the client, and it asks the API for the gateway's address.

import { act, API, heard, require, say, TOKEN } from './puppet.mjs';

const { Client, GatewayIntentBits, InviteTargetType } = require('discord.js');

const { Guilds, GuildMembers, GuildInvites, GuildModeration, GuildScheduledEvents } = GatewayIntentBits;
const client = new Client({
  intents: [Guilds, GuildMembers, GuildInvites, GuildModeration, GuildScheduledEvents],
  rest: { api: `${API}/api` },
});

const shown = invite => ({
  code: invite.code,
  uses: invite.uses,
  max_uses: invite.maxUses,
  max_age: invite.maxAge,
  temporary: invite.temporary,
  inviter_id: invite.inviterId ?? null,
  channel_id: invite.channelId,
  created_at: invite.createdAt?.toISOString() ?? null,
  expires_at: invite.expiresAt?.toISOString() ?? null,
});

// Somebody who was not seen before leaves as a partial, which is not told by default.
client.on('error', error => console.error('error', error));
client.on('inviteCreate', invite => heard('invite_create', shown(invite)));
client.on('inviteDelete', invite => heard('invite_delete', { code: invite.code }));
client.on('guildMemberAdd', member => heard('member_add', { user_id: member.id }));
client.on('guildMemberRemove', member => heard('member_remove', { user_id: member.id }));
client.once('clientReady', () => {
  const guilds = client.guilds.cache.map(guild => ({
    id: guild.id,
    name: guild.name,
    channels: guild.channels.cache.size,
    roles: guild.roles.cache.size,
    members: guild.memberCount,
  }));
  say({ event: 'ready', user_id: client.user.id, guilds });
  act(actions);
});

const actions = {
  async list_guild({ guild }) {
    return (await client.guilds.cache.get(guild).invites.fetch({ cache: false })).map(shown);
  },
  async list_channel({ channel }) {
    return (await client.channels.cache.get(channel).fetchInvites(false)).map(shown);
  },
  async get_counts({ code }) {
    const invite = await client.fetchInvite(code);
    return { code: invite.code, members: invite.memberCount, online: invite.presenceCount };
  },
  async get_event({ code, scheduled_event }) {
    const event = (await client.fetchInvite(code, { guildScheduledEventId: scheduled_event })).guildScheduledEvent;
    return { event_id: event?.id, event_name: event?.name };
  },
  async create({ channel, guild, role, application, reason, max_age, max_uses, temporary, unique }) {
    const invite = await client.guilds.cache.get(guild).invites.create(channel, {
      maxAge: max_age, maxUses: max_uses, temporary, unique, reason,
      targetType: InviteTargetType.EmbeddedApplication, targetApplication: application, roles: [role],
    });
    const options = ['channel', 'max_age', 'max_uses', 'temporary', 'unique', 'application', 'roles', 'reason'];
    return { invite: shown(invite), options };
  },
  async delete({ code, guild, reason }) {
    await client.guilds.cache.get(guild).invites.delete(code, reason);
    return { reason: true };
  },
  async vanity({ guild }) {
    return client.guilds.cache.get(guild).fetchVanityData();
  },
  async pause({ guild }) {
    await client.guilds.cache.get(guild).disableInvites();
  },
};

await client.login(TOKEN);
