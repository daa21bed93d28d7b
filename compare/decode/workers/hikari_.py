"""hikari's entity factory, with orjson, which it prefers; it caches nothing by itself."""

from hikari.impl.entity_factory import EntityFactoryImpl
from hikari.impl.event_factory import EventFactoryImpl
from hikari.internal.data_binding import default_json_loads
from serve import Task, serve


class App:
    """What the factories ask of an application: one another."""


app = App()
app.entity_factory = EntityFactoryImpl(app)
app.event_factory = EventFactoryImpl(app)


def invites(document):
    return [app.entity_factory.deserialize_invite_with_metadata(invite) for invite in default_json_loads(document)]


def frame(document):
    return app.event_factory.deserialize_invite_create_event(None, default_json_loads(document)["d"])


serve({"list": Task(invites, list), "frames": Task(frame, lambda event: event)})
