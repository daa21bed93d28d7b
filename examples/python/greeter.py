"""A bot that greets newcomers and gives them the role `guest`."""

import os

import discord
import yarl

if api := os.environ.get("DISCORD_API"):
    discord.http.Route.BASE = api + "/api/v10"
    discord.gateway.DiscordWebSocket.DEFAULT_GATEWAY = yarl.URL(os.environ["DISCORD_GATEWAY"])

intents = discord.Intents.default()
intents.members = True
client = discord.Client(intents=intents)


@client.event
async def on_member_join(member):
    await member.guild.system_channel.send(f"Welcome {member.mention}!")
    await member.add_roles(discord.utils.get(member.guild.roles, name="guest"))


if __name__ == "__main__":
    client.run(os.environ["DISCORD_TOKEN"])
