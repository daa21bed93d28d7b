// What both trackers in JavaScript have in common: a discord.js client that talks to the sandbox,
// and answers as lines of JSON.

import { createRequire } from 'node:module';

export const require = createRequire(`${process.env.PEERS}/`);
const { Client, GatewayIntentBits } = require('discord.js');

const say = line => process.stdout.write(`${JSON.stringify(line)}\n`);

/** A client with every intent that a tracker can want, pointed at the sandbox by `rest.api`. */
export function bot() {
  const { Guilds, GuildMembers, GuildInvites, GuildModeration } = GatewayIntentBits;
  const client = new Client({
    intents: [Guilds, GuildMembers, GuildInvites, GuildModeration],
    rest: { api: `${process.env.API}/api` },
  });
  // A bot's author would keep it alive; what went wrong is told in the log.
  client.on('error', error => console.error('error', error));
  process.on('unhandledRejection', error => console.error('unhandled rejection', error));
  process.on('SIGTERM', () => client.destroy().finally(() => process.exit(0)));
  return client;
}

export const login = client => client.login(process.env.TOKEN);

/** From now on, joins can be told. */
export const ready = () => say({ event: 'ready' });

/** What was said of a member: `{ origin, code, inviter_id }`, or null for "I do not know". */
export function answer(member, said) {
  say({ event: 'answer', user_id: member.id, joined_at: member.joinedAt.toISOString(), said });
}
