"""The puppet of NAFF and of interactions.py, which sprang from it: `library` is one of them."""

import asyncio

import puppet
from puppet import Lacks, heard, iso, say


def shown(invite):
    return {
        "code": invite.code,
        "uses": invite.uses,
        "max_uses": invite.max_uses,
        "max_age": invite.max_age,
        "temporary": invite.temporary,
        "inviter_id": invite._inviter_id and str(invite._inviter_id),
        "channel_id": str(invite._channel_id),
        "created_at": iso(invite.created_at),
        "expires_at": iso(invite.expires_at),
    }


def run(library, client, listen):
    started = False

    @listen("startup")
    async def on_startup(_=None):
        nonlocal started
        if started:
            return
        started = True
        guilds = [
            {"id": str(guild.id), "name": guild.name, "channels": len(guild.channels), "roles": len(guild.roles),
             "members": guild.member_count}
            for guild in client.guilds
        ]  # fmt: skip
        say(event="ready", user_id=str(client.user.id), guilds=guilds)
        client.acting = asyncio.create_task(puppet.act(actions))

    @listen("invite_create")
    async def on_invite_create(event):
        heard("invite_create", **shown(event.invite))

    @listen("invite_delete")
    async def on_invite_delete(event):
        heard("invite_delete", code=event.invite.code)

    @listen("member_add")
    async def on_member_add(event):
        heard("member_add", user_id=str(event.member.id))

    @listen("member_remove")
    async def on_member_remove(event):
        heard("member_remove", user_id=str(event.member.id))

    for listener in (on_startup, on_invite_create, on_invite_delete, on_member_add, on_member_remove):
        client.add_listener(listener)

    async def list_guild(guild):
        return [shown(invite) for invite in await client.get_guild(guild).fetch_invites()]

    async def list_channel(channel, guild):
        return [shown(invite) for invite in await client.get_channel(channel).fetch_invites()]

    async def get_counts(code):
        invite = await client.http.get_invite(code, with_counts=True)
        if "approximate_member_count" not in invite:
            raise Lacks("`get_invite` takes `with_counts`, but sends it nowhere")
        return {"code": invite["code"], "members": invite["approximate_member_count"],
                "online": invite["approximate_presence_count"]}  # fmt: skip

    async def get_event(code, scheduled_event):
        event = (await client.http.get_invite(code, scheduled_event_id=scheduled_event)).get("guild_scheduled_event")
        if event is None:
            raise Lacks("`get_invite` takes an event, but sends it nowhere")
        return {"event_id": event["id"], "event_name": event["name"]}

    async def create(channel, guild, role, application, **options):
        # It takes an application, but sends no target type with it, which Discord requires.
        invite = await client.get_channel(channel).create_invite(**options)
        return {"invite": shown(invite), "options": ["channel", *options]}

    async def delete(code, guild, reason):
        found = [invite for invite in await client.get_guild(guild).fetch_invites() if invite.code == code]
        await found[0].delete(reason=reason)
        return {"reason": True}

    async def vanity(guild):
        return await client.http.get_guild_vanity_url(guild)

    async def pause(guild):
        guild = client.get_guild(guild)
        await guild.edit(features=[*guild.features, "INVITES_DISABLED"])

    actions = {
        "list_guild": list_guild, "list_channel": list_channel, "get_counts": get_counts, "get_event": get_event,
        "create": create, "delete": delete, "vanity": vanity, "pause": pause,
    }  # fmt: skip
    client.start(puppet.TOKEN)
