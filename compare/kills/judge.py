"""What the tracker recorded, compared with what happened."""

import collections
import json
import subprocess
from datetime import datetime


def read(binary, database, *options):
    command = [binary, *options, "--db", database, "--json"]
    told = subprocess.run([str(part) for part in command], capture_output=True, text=True, check=True).stdout
    return [json.loads(line) for line in told.splitlines()]


def which(join):
    """What tells a join from all others."""
    moment = datetime.fromisoformat(join["joined_at"].replace("Z", "+00:00")).timestamp()
    return join["guild_id"], join["user_id"], round(moment, 3)


def is_true(said, truth):
    return said["origin"] == truth["via"] and (truth["via"] != "invite" or said["code"] == truth["code"])


def judge(binary, database, sandbox, names):
    truth, invites = sandbox.truth("joins"), sandbox.truth("invites")
    recorded = read(binary, database, "joins", "--limit", "10000000")
    gaps = read(binary, database, "joins", "--gaps")
    uses = {invite["code"]: invite["uses"] for invite in read(binary, database, "invites", "--limit", "10000000")}
    true = {which(join): join | {"here": join["left_at"] is None} for join in truth}
    living = [invite for invite in invites if invite["state"] == "active"]
    miscounted = [invite for invite in living if uses.get(invite["code"]) != invite["uses"]]
    seen = collections.Counter(map(which, recorded))
    stated = [join for join in recorded if join["certainty"] in ("confirmed", "deduced")]
    missing = [key for key in true if key not in seen]
    # Nobody can tell how many came and went without a trace: the vanity count and other ways in are shared.
    unseen = [key for key in missing if not true[key]["here"]]
    least = sum(gap["joins_missing"] for gap in gaps)
    # Null if no list showed the counts: then nothing is told.
    most = sum(gap["joins_missing_at_most"] or 0 for gap in gaps)
    uncounted = [key for key in unseen if true[key]["via"] != "invite"]
    differs = [join for join in recorded if which(join) in true and join["here"] != true[which(join)]["here"]]
    misnamed = [join for join in recorded if join["name"] != names.get(join["user_id"], join["name"])]
    wrong = [join for join in stated if which(join) in true and not is_true(join, true[which(join)])]
    result = {
        "joins": len(true),
        "recorded": len(recorded),
        "stated": len(stated),
        "came_and_went_unseen": len(unseen),
        "told_as_unseen": [least, most],
        "told_too_many": max(0, least - len(unseen)),
        "lost": len(missing) - len(unseen) + max(0, len(unseen) - len(uncounted) - most),
        "doubled": sum(times > 1 for times in seen.values()),
        "never_happened": sum(key not in true for key in seen),
        "wrong": len(wrong),
        "here_differs": len(differs),
        "name_differs": len(misnamed),
        "uses_differ": len(miscounted),
        "gaps": len(gaps),
    }
    details = {
        "missing": [true[key] for key in missing],
        "here_differs": differs,
        "wrong": [[join, true[which(join)]] for join in wrong],
        "uses_differ": [[invite, uses.get(invite["code"])] for invite in miscounted],
        "gaps": gaps,
    }
    return result, details


def is_settled(result):
    bad = ("lost", "told_too_many", "doubled", "never_happened", "wrong", "here_differs", "name_differs", "uses_differ")
    return not any(result[kind] for kind in bad)
