"""discord.py: the addresses are class attributes, and a `Client` that is not sharded asks for none."""

import discord
import dpy
import yarl
from puppet import API, GATEWAY

discord.http.Route.BASE = API + "/api/v10"
discord.gateway.DiscordWebSocket.DEFAULT_GATEWAY = yarl.URL(GATEWAY)
dpy.run(discord)
