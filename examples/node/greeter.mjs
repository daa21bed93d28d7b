// A bot that greets newcomers and gives them the role `guest`.

import { Client, GatewayIntentBits } from 'discord.js';

export async function greeter({ api = 'https://discord.com', token }) {
  const client = new Client({
    intents: [GatewayIntentBits.Guilds, GatewayIntentBits.GuildMembers],
    rest: { api: `${api}/api` },
  });
  client.on('guildMemberAdd', async member => {
    await member.guild.systemChannel.send(`Welcome ${member}!`);
    await member.roles.add(member.guild.roles.cache.find(role => role.name === 'guest'));
  });
  await client.login(token);
  return client;
}
