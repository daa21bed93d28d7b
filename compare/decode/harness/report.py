"""The table, the figures that must hold, and the same as JSON."""

from statistics import median

FLOOR_AND_PATTERN = ("floor", "pattern")


def rate(worker, task):
    """Items a second, the median over the rounds."""
    if not worker.rounds.get(task):
        return None
    return worker.tasks[task]["items"] / median(worker.rounds[task]) * 1e9


def gigabytes(worker, task):
    if not worker.rounds.get(task):
        return None
    return worker.tasks[task]["bytes"] / median(worker.rounds[task])


def ratio(ours, other, task):
    """How many times as fast ours is, the median of the rounds' own ratios."""
    mine, theirs = ours.rounds.get(task), other.rounds.get(task)
    if not mine or not theirs:
        return None
    per_item = [b / other.tasks[task]["items"] / (a / ours.tasks[task]["items"]) for a, b in zip(mine, theirs)]
    return median(per_item)


def row(ours, worker):
    fields = worker.fields
    return {
        "peer": worker.name,
        "role": worker.role,
        "invites_per_second": rate(worker, "list"),
        "list_ratio": ratio(ours, worker, "list"),
        "retained_bytes_per_invite": worker.retained,
        "frames_per_second": rate(worker, "frames"),
        "frames_ratio": ratio(ours, worker, "frames"),
        "retained_bytes_per_frame": worker.retained_frame,
        "looked_up_per_second": rate(worker, "invite"),
        "looked_up_ratio": ratio(ours, worker, "invite"),
        "guilds_per_second": rate(worker, "guild"),
        "guild_ratio": ratio(ours, worker, "guild"),
        "text_gigabytes_per_second": gigabytes(worker, "text"),
        "messages_gigabytes_per_second": gigabytes(worker, "messages"),
        "refused": {task: told["refused"] for task, told in worker.tasks.items()},
        "complaints": {task: told["complaint"] for task, told in worker.tasks.items() if told["complaint"]},
        "fields": fields,
    }


def checks(workers):
    """The figures that must hold; what was not measured is not judged."""
    ours = workers[0]
    typed = [worker for worker in workers if worker.role in ("typed", "script")]
    floors = [worker for worker in workers if worker.role == "floor"]
    made = []

    def check(what, value, limit, at_least):
        if value is not None:
            holds = value >= limit if at_least else value <= limit
            made.append({"what": what, "value": value, "limit": limit, "at_least": at_least, "holds": holds})

    def fastest(workers, task):
        able = [worker for worker in workers if worker.rounds.get(task)]
        return max(able, key=lambda worker: rate(worker, task), default=None)

    peer, floor = fastest(typed, "list"), fastest(floors, "list")
    if peer:
        check(f"list: times as fast as the fastest typed peer ({peer.name})", ratio(ours, peer, "list"), 3.0, True)
    if floor:
        check(f"list: times as long as skipping it ({floor.name})", 1 / ratio(ours, floor, "list"), 1.6, False)
    check("list: bytes retained an invite", ours.retained, 400, False)
    twilight = [w.retained for w in workers if w.name.startswith("twilight") and w.retained]
    if ours.retained and twilight:
        check("list: share of what twilight retains", ours.retained / min(twilight), 0.25, False)
    peer = fastest(typed, "frames")
    if peer:
        check(
            f"INVITE_CREATE: times as fast as the fastest typed peer ({peer.name})",
            ratio(ours, peer, "frames"), 1.3, True,
        )  # fmt: skip
    for task, order in (("ascending", "ascending keys"), ("shuffled", "shuffled keys")):
        peer = fastest(typed, task)
        if peer:
            what = f"INVITE_CREATE, {order}: times as fast as the fastest typed peer ({peer.name})"
            check(what, ratio(ours, peer, task), 1.3, True)
    frames = [w.retained_frame for w in workers if w.name.startswith("twilight") and w.retained_frame]
    if ours.retained_frame and frames:
        share = ours.retained_frame / min(frames)
        check("INVITE_CREATE: retained bytes, compared with twilight", share, 1.0, False)
    peer = fastest(typed, "invite")
    if peer:
        what = f"one invite: times as fast as the fastest typed peer ({peer.name})"
        check(what, ratio(ours, peer, "invite"), 1.5, True)
    peer = fastest(typed, "guild")
    if peer:
        what = f"GUILD_CREATE of 1 MB: times as fast as the fastest typed peer ({peer.name})"
        check(what, ratio(ours, peer, "guild"), 3.0, True)
    check("find_invites: GB/s on text without invites", gigabytes(ours, "text"), 1.0, True)
    check("find_invites: GB/s on the same as single messages", gigabytes(ours, "messages"), 1.0, True)
    if ours.fields:
        lost = len(ours.fields["list"]["lost"]) + len(ours.fields["frames"]["lost"])
        check("fields lost", lost, 0, False)
        for task in ("list", "frames"):
            back = ours.fields[task]["whole"]
            if back is not None:
                check(f"{task}: share that is encoded to the same JSON value", back / ours.tasks[task]["items"], 1, True)
    return made


def number(value, form="{:,.0f}"):
    return "–" if value is None else form.format(value)


def lost(worker, task):
    report = worker.fields.get(task)
    if not report:
        return "–"
    text = f"{len(report['lost'])} of {report['fields']}"
    refused = worker.tasks[task]["refused"]
    return text + (f", refuses {refused}" if refused else "")


def table(workers):
    """In Markdown, so that the page in docs/ holds it as it is printed."""
    ours = workers[0]
    head = [
        "", "invites/s", "ours is", "retained B", "lost fields", "frames/s", "ours is", "retained B", "lost fields",
        "looked up/s", "ours is", "guilds/s", "ours is", "text GB/s", "messages GB/s",
    ]  # fmt: skip
    rows = []
    for worker in workers:
        rows.append([
            worker.name,
            number(rate(worker, "list")),
            number(ratio(ours, worker, "list"), "{:.2f}×"),
            number(worker.retained),
            lost(worker, "list"),
            number(rate(worker, "frames")),
            number(ratio(ours, worker, "frames"), "{:.2f}×"),
            number(worker.retained_frame),
            lost(worker, "frames"),
            number(rate(worker, "invite")),
            number(ratio(ours, worker, "invite"), "{:.2f}×"),
            number(rate(worker, "guild")),
            number(ratio(ours, worker, "guild"), "{:.2f}×"),
            number(gigabytes(worker, "text"), "{:.2f}"),
            number(gigabytes(worker, "messages"), "{:.2f}"),
        ])  # fmt: skip
    widths = [max(len(line[column]) for line in [head, *rows]) for column in range(len(head))]
    lines = [head, [("-" * (w - 1) + (":" if i else "-")) for i, w in enumerate(widths)], *rows]
    return "\n".join(
        "| " + " | ".join(c.ljust(w) if i == 0 else c.rjust(w) for i, (c, w) in enumerate(zip(line, widths))) + " |"
        for line in lines
    )


def losses(workers):
    """Which fields each peer loses; peers that differ only in their parser share a line."""
    found = {}
    for worker in workers:
        for task, report in worker.fields.items():
            complaint = worker.tasks[task]["complaint"]
            if report["lost"]:
                found.setdefault((task, f"loses {', '.join(report['lost'])}"), []).append(worker.name)
            if report["nulls_lost"]:
                told = f"cannot tell null from absent in {len(report['nulls_lost'])} of {report['nulls']} fields"
                found.setdefault((task, told), []).append(worker.name)
            if complaint:
                told = f"refuses {worker.tasks[task]['refused']} items: {complaint[:120]}"
                found.setdefault((task, told), []).append(worker.name)
    return "\n".join(f"{' and '.join(names)}, {task}: {told}" for (task, told), names in found.items())


def verdicts(made):
    return "\n".join(
        f"{'pass' if one['holds'] else 'FAIL'}  {one['what']}: {one['value']:.2f} "
        f"(must be {'≥' if one['at_least'] else '≤'} {one['limit']:g})"
        for one in made
    )
