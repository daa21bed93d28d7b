"""interactions.py: the API's address is a class attribute, and it asks the API for the gateway's."""

import interactions
import naff_like
from interactions.api.http.route import Route
from puppet import API

Route.BASE = API + "/api/v10"
intents = interactions.Intents.DEFAULT | interactions.Intents.GUILD_MEMBERS
naff_like.run(interactions, interactions.Client(intents=intents), interactions.listen)
