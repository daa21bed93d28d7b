"""The method of the usual discord.py tutorials: remember the uses of all invites, list them again
when somebody joins, and take the first invite that was used more often than before."""

import json
import os
import sys

import discord
import yarl

discord.http.Route.BASE = os.environ["API"] + "/api/v10"
discord.gateway.DiscordWebSocket.DEFAULT_GATEWAY = yarl.URL(os.environ["GATEWAY"])

intents = discord.Intents.default()
intents.members = True
client = discord.Client(intents=intents)
uses = {}


def say(**line):
    print(json.dumps(line), flush=True)


@client.event
async def on_ready():
    for guild in client.guilds:
        uses[guild.id] = {}
        try:
            uses[guild.id] = {invite.code: invite.uses for invite in await guild.invites()}
        except discord.HTTPException as error:
            print(error, file=sys.stderr)
    say(event="ready")


@client.event
async def on_invite_create(invite):
    uses[invite.guild.id][invite.code] = invite.uses


@client.event
async def on_invite_delete(invite):
    uses[invite.guild.id].pop(invite.code, None)


@client.event
async def on_member_join(member):
    before = uses[member.guild.id]
    after = await member.guild.invites()
    uses[member.guild.id] = {invite.code: invite.uses for invite in after}
    for invite in after:
        if invite.code in before and invite.uses > before[invite.code]:
            said = {"origin": "invite", "code": invite.code, "inviter_id": invite.inviter and str(invite.inviter.id)}
            say(event="answer", user_id=str(member.id), joined_at=member.joined_at.isoformat(), said=said)
            return
    # A tutorial says nothing here, and neither do we.


client.run(os.environ["TOKEN"], log_level=30)
