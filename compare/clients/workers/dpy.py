"""The puppet of discord.py and of those that sprang from it: `library` is one of them."""

import inspect

import puppet
from puppet import Lacks, heard, iso, say


def shown(invite):
    channel, inviter = invite.channel, invite.inviter
    return {
        "code": invite.code,
        "uses": invite.uses,
        "max_uses": invite.max_uses,
        "max_age": invite.max_age,
        "temporary": invite.temporary,
        "inviter_id": inviter and str(inviter.id),
        "channel_id": channel and str(channel.id),
        "created_at": iso(invite.created_at),
        "expires_at": iso(invite.expires_at),
    }


def run(library):
    intents = library.Intents.default()
    intents.members = True
    client = library.Client(intents=intents)
    started = False

    @client.event
    async def on_ready():
        nonlocal started
        guilds = [
            {"id": str(guild.id), "name": guild.name, "channels": len(guild.channels), "roles": len(guild.roles),
             "members": len(guild.members)}
            for guild in client.guilds
        ]  # fmt: skip
        say(event="ready", user_id=str(client.user.id), guilds=guilds)
        if not started:
            started = True
            client.loop.create_task(puppet.act(actions))

    @client.event
    async def on_invite_create(invite):
        heard("invite_create", **shown(invite))

    @client.event
    async def on_invite_delete(invite):
        heard("invite_delete", code=invite.code)

    @client.event
    async def on_member_join(member):
        heard("member_add", user_id=str(member.id))

    @client.event
    async def on_member_remove(member):
        heard("member_remove", user_id=str(member.id))

    async def list_guild(guild):
        return [shown(invite) for invite in await client.get_guild(int(guild)).invites()]

    async def list_channel(channel, guild):
        return [shown(invite) for invite in await client.get_channel(int(channel)).invites()]

    async def get_counts(code):
        invite = await client.fetch_invite(code, with_counts=True)
        return {"code": invite.code, "members": invite.approximate_member_count,
                "online": invite.approximate_presence_count}  # fmt: skip

    async def get_event(code, scheduled_event):
        if "scheduled_event_id" not in inspect.signature(client.fetch_invite).parameters:
            raise Lacks("`fetch_invite` takes no event")
        event = (await client.fetch_invite(code, scheduled_event_id=int(scheduled_event))).scheduled_event
        return {"event_id": event and str(event.id), "event_name": event and event.name}

    async def create(channel, guild, role, application, reason, **options):
        place = client.get_channel(int(channel))
        options["reason"] = reason
        options["target_type"] = library.InviteTarget.embedded_application
        options["target_application_id"] = int(application)
        if "guest" in inspect.signature(place.create_invite).parameters:
            options["guest"] = True
        invite = await place.create_invite(**options)
        told = {"target_type": "channel", "target_application_id": "application"}
        return {"invite": shown(invite), "options": [told.get(option, option) for option in options]}

    async def delete(code, guild, reason):
        await (await client.fetch_invite(code)).delete(reason=reason)
        return {"reason": True}

    async def vanity(guild):
        invite = await client.get_guild(int(guild)).vanity_invite()
        return {"code": invite.code, "uses": invite.uses}

    async def pause(guild):
        await client.get_guild(int(guild)).edit(invites_disabled=True)

    actions = {
        "list_guild": list_guild, "list_channel": list_channel, "get_counts": get_counts, "get_event": get_event,
        "create": create, "delete": delete, "vanity": vanity, "pause": pause,
    }  # fmt: skip
    client.run(puppet.TOKEN)
