"""NAFF: the API's address is a class attribute, and it asks the API for the gateway's."""

import naff
import naff_like
from naff.api.http.route import Route
from puppet import API

Route.BASE = API + "/api/v10"
intents = naff.Intents.DEFAULT | naff.Intents.GUILD_MEMBERS
naff_like.run(naff, naff.Client(intents=intents), naff.listen)
