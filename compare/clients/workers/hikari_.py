"""hikari: `rest_url` is an option of the bot, and it asks the API for the gateway's address."""

import asyncio
import logging
from datetime import timedelta

import hikari
import puppet
from puppet import heard, iso, say

# Standard output belongs to the puppet.
logging.basicConfig(level="INFO")
bot = hikari.GatewayBot(
    puppet.TOKEN,
    rest_url=puppet.API + "/api/v10",
    intents=hikari.Intents.ALL_UNPRIVILEGED | hikari.Intents.GUILD_MEMBERS,
    banner=None,
    logs=None,
)


def shown(invite):
    # `expires_at` is what hikari reckons from the other two, not what Discord says.
    return {
        "code": str(invite.code),
        "uses": invite.uses,
        "max_uses": invite.max_uses or 0,
        "max_age": int(invite.max_age.total_seconds()) if invite.max_age else 0,
        "temporary": invite.is_temporary,
        "inviter_id": invite.inviter and str(invite.inviter.id),
        "channel_id": str(invite.channel_id),
        "created_at": iso(invite.created_at),
    }


@bot.listen()
async def on_started(_: hikari.StartedEvent):
    guilds = bot.cache.get_available_guilds_view()
    while not guilds:
        await asyncio.sleep(0.05)
        guilds = bot.cache.get_available_guilds_view()
    guilds = [
        {"id": str(guild.id), "name": guild.name, "channels": len(guild.get_channels()),
         "roles": len(guild.get_roles())}
        for guild in guilds.values()
    ]  # fmt: skip
    say(event="ready", user_id=str(bot.get_me().id), guilds=guilds)
    asyncio.create_task(puppet.act(actions))


@bot.listen()
async def on_invite_create(event: hikari.InviteCreateEvent):
    heard("invite_create", **shown(event.invite))


@bot.listen()
async def on_invite_delete(event: hikari.InviteDeleteEvent):
    heard("invite_delete", code=str(event.code))


@bot.listen()
async def on_member_add(event: hikari.MemberCreateEvent):
    heard("member_add", user_id=str(event.user_id))


@bot.listen()
async def on_member_remove(event: hikari.MemberDeleteEvent):
    heard("member_remove", user_id=str(event.user_id))


async def list_guild(guild):
    return [shown(invite) for invite in await bot.rest.fetch_guild_invites(int(guild))]


async def list_channel(channel, guild):
    return [shown(invite) for invite in await bot.rest.fetch_channel_invites(int(channel))]


async def get_counts(code):
    invite = await bot.rest.fetch_invite(code, with_counts=True)
    return {"code": str(invite.code), "members": invite.approximate_member_count,
            "online": invite.approximate_active_member_count}  # fmt: skip


async def get_event(code, scheduled_event):
    event = (await bot.rest.fetch_invite(code, scheduled_event=int(scheduled_event))).guild_scheduled_event
    return {"event_id": event and str(event.id), "event_name": event and event.name}


async def create(channel, guild, role, application, reason, max_age, max_uses, temporary, unique):
    invite = await bot.rest.create_invite(
        int(channel), max_age=timedelta(seconds=max_age), max_uses=max_uses, temporary=temporary, unique=unique,
        target_type=hikari.TargetType.EMBEDDED_APPLICATION, target_application=int(application),
        role_ids=[int(role)], reason=reason,
    )  # fmt: skip
    options = ["channel", "max_age", "max_uses", "temporary", "unique", "application", "roles", "reason"]
    return {"invite": shown(invite), "options": options}


async def delete(code, guild, reason):
    await bot.rest.delete_invite(code, reason=reason)
    return {"reason": True}


async def vanity(guild):
    invite = await bot.rest.fetch_vanity_url(int(guild))
    return {"code": str(invite.code), "uses": invite.uses}


async def pause(guild):
    features = [*bot.cache.get_guild(int(guild)).features, hikari.GuildFeature.INVITES_DISABLED]
    await bot.rest.edit_guild(int(guild), features=features)


actions = {
    "list_guild": list_guild, "list_channel": list_channel, "get_counts": get_counts, "get_event": get_event,
    "create": create, "delete": delete, "vanity": vanity, "pause": pause,
}  # fmt: skip
bot.run(enable_signal_handlers=True)
