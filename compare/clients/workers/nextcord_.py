"""nextcord: the API's address is a class attribute, and it asks the API for the gateway's."""

import dpy
import nextcord
from puppet import API

nextcord.http.Route.BASE = API + "/api/v10"
dpy.run(nextcord)
