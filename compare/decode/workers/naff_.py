"""NAFF, with orjson, which it prefers. Inviters live in its cache."""

import naff
from naff.client.utils.input_utils import OverriddenJson
from naff.models import Invite
from serve import Task, serve

client = naff.Client()


def invites(document):
    return Invite.from_list(OverriddenJson.loads(document), client)


def frame(document):
    """`_on_raw_invite_create` of NAFF, without dispatching."""
    return Invite.from_dict(OverriddenJson.loads(document)["d"], client)


def shape(invite):
    return [invite, invite.inviter, invite.target_user, invite.channel]


def reset():
    client.cache.user_cache.clear()


serve({
    "list": Task(invites, lambda invites: [shape(invite) for invite in invites], reset),
    "frames": Task(frame, shape, reset),
})  # fmt: skip
