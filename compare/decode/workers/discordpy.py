"""discord.py, with orjson, which it prefers; guild and channels are in its cache, as in a running bot."""

import asyncio

import discord
from discord.invite import Invite
from discord.utils import _from_json
from serve import Task, serve

client = discord.Client(intents=discord.Intents.none())
state = client._connection
known = {"guild": None, "id": None}


def remember(invites):
    """Places the list's guild in the cache with its channels, as GUILD_CREATE does."""
    data = dict(invites[0]["guild"], roles=[], emojis=[], members=[], afk_timeout=0, mfa_level=0)
    data.update(
        default_message_notifications=0, explicit_content_filter=0, owner_id="1", system_channel_flags=0,
        preferred_locale="en-US", premium_progress_bar_enabled=False, afk_channel_id=None, system_channel_id=None,
    )  # fmt: skip
    channels = {invite["channel"]["id"]: invite["channel"] for invite in invites if invite.get("channel")}
    data["channels"] = [
        dict(channel, type=0, position=place, permission_overwrites=[], nsfw=False, parent_id=None, topic=None)
        for place, channel in enumerate(channels.values())
    ]
    known["guild"], known["id"] = state._add_guild_from_data(data), data["id"]


def invites(document):
    """`Guild.invites` of discord.py, after the request."""
    data = _from_json(document)
    if known["guild"] is None:
        remember(data)
    guild = known["guild"]
    result = []
    for invite in data:
        channel = guild.get_channel(int(invite["channel"]["id"]))
        result.append(Invite(state=state, data=invite, guild=guild, channel=channel))
    return result


def invites_of_strangers(document):
    """The same without a cached guild: discord.py then keeps what the invite says of it."""
    return [Invite.from_incomplete(state=state, data=invite) for invite in _from_json(document)]


def frame(document):
    return Invite.from_gateway(state=state, data=_from_json(document)["d"])


class ListTask(Task):
    def outline(self, text):
        state._guilds.clear()
        decode, self.decode = self.decode, invites_of_strangers
        try:
            return super().outline(text)
        finally:
            self.decode = decode


async def main():
    serve({
        "list": ListTask(invites, list, state._users.clear),
        "frames": Task(frame, lambda invite: invite, state._users.clear),
    })  # fmt: skip


asyncio.run(main())
