// oceanic.js: `rest.baseURL` is an option of the client, and it asks the API for the gateway's address.

import { act, API, heard, require, say, TOKEN } from './puppet.mjs';

const { Client } = require('oceanic.js');

const client = new Client({
  auth: `Bot ${TOKEN}`,
  rest: { baseURL: `${API}/api/v10` },
  gateway: { intents: ['GUILDS', 'GUILD_MEMBERS', 'GUILD_INVITES', 'GUILD_MODERATION', 'GUILD_SCHEDULED_EVENTS'] },
});

const shown = invite => ({
  code: invite.code,
  uses: invite.uses,
  max_uses: invite.maxUses,
  max_age: invite.maxAge,
  temporary: invite.temporary,
  inviter_id: invite.inviter?.id ?? null,
  channel_id: invite.channelID ?? invite.channel?.id,
  created_at: invite.createdAt?.toISOString() ?? null,
  expires_at: invite.expiresAt?.toISOString() ?? null,
});

client.on('error', error => console.error('error', error));
client.on('warn', warning => console.error('warning', warning));
client.on('inviteCreate', invite => heard('invite_create', shown(invite)));
client.on('inviteDelete', invite => heard('invite_delete', { code: invite.code }));
client.on('guildMemberAdd', member => heard('member_add', { user_id: member.id }));
client.on('guildMemberRemove', member => heard('member_remove', { user_id: member.id }));
client.once('ready', () => {
  const guilds = client.guilds.map(guild => ({
    id: guild.id,
    name: guild.name,
    channels: guild.channels.size,
    roles: guild.roles.size,
    members: guild.memberCount,
  }));
  say({ event: 'ready', user_id: client.user.id, guilds });
  act(actions);
});

const actions = {
  async list_guild({ guild }) {
    return (await client.rest.guilds.getInvites(guild)).map(shown);
  },
  async list_channel({ channel }) {
    return (await client.rest.channels.getInvites(channel)).map(shown);
  },
  async get_counts({ code }) {
    const invite = await client.rest.channels.getInvite(code, { withCounts: true });
    return { code: invite.code, members: invite.approximateMemberCount, online: invite.approximatePresenceCount };
  },
  async get_event({ code, scheduled_event }) {
    const options = { guildScheduledEventID: scheduled_event };
    const event = (await client.rest.channels.getInvite(code, options)).guildScheduledEvent;
    return { event_id: event?.id, event_name: event?.name };
  },
  async create({ channel, application, reason, max_age, max_uses, temporary, unique }) {
    const invite = await client.rest.channels.createInvite(channel, {
      maxAge: max_age, maxUses: max_uses, temporary, unique, reason,
      // It takes `roleIDs`, too, but does not send them.
      targetType: 2, targetApplicationID: application,
    });
    const options = ['channel', 'max_age', 'max_uses', 'temporary', 'unique', 'application', 'reason'];
    return { invite: shown(invite), options };
  },
  async delete({ code, reason }) {
    await client.rest.channels.deleteInvite(code, reason);
    return { reason: true };
  },
  async vanity({ guild }) {
    return client.rest.guilds.getVanityURL(guild);
  },
  async pause({ guild }) {
    await client.rest.guilds.edit(guild, { features: [...client.guilds.get(guild).features, 'INVITES_DISABLED'] });
  },
};

await client.connect();
