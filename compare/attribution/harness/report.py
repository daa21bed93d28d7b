"""The tables, and the same as JSON."""

from statistics import median

VERDICTS = ("right", "wrong", "unknown", "missed")


def total(results):
    """The figures of one tracker over some games."""
    joins = [join for result in results for join in result.joins]
    delays = [delay for result in results for delay in result.delays()]
    requests = sum(result.requests for result in results)
    answered = [join for join in joins if join.answers]
    lists = sum(bool(answer.candidates) for join in joins for answer in join.answers)
    settled = [join.delay(join.answers[-1]) for join in joins if join.settled]
    return {
        "joins": len(joins),
        **{verdict: sum(join.verdict == verdict for join in joins) for verdict in VERDICTS},
        "missed_in_reported_gaps": sum(join.verdict == "missed" and join.in_gap for join in joins),
        "requests_per_join": round(requests / len(joins), 2) if joins else None,
        "median_ms": round(median(delays), 1) if delays else None,
        "median_settled_ms": round(median(settled), 1) if settled else None,
        "best_guess_right": sum(join.guessed(join.answers[-1]) for join in answered),
        "first_guess_right": sum(join.guessed(join.answers[0]) for join in answered),
        "candidate_lists": lists,
        "candidate_lists_with_truth": lists - sum(len(join.uncovered()) for join in joins),
    }


def summary(results):
    """The last line of `--json`: by tracker, and within it by scenario and without those that outweigh the rest."""
    trackers = []
    for tracker in unique(result.tracker for result in results):
        mine = [result for result in results if result.tracker == tracker]
        scenarios = {result.scenario.name: total([result]) | failed(result) for result in mine}
        light = total([result for result in mine if not result.scenario.heavy])
        told = {"name": tracker.name, "short": tracker.short, **total(mine)}
        trackers.append(told | {"without_raid": light, "scenarios": scenarios})
    return trackers


def failed(result):
    return {"failure": result.failure} if result.failure else {}


def unique(items):
    return list(dict.fromkeys(items))


def game(result):
    """One game as JSON, with every false statement, and every list without the truth, in full."""
    wrong = [
        {"truth": join.truth, "said": [answer.said for answer in join.wrong]} for join in result.joins if join.wrong
    ]
    uncovered = [
        {"truth": join.truth, "candidates": answer.candidates, "certainty": answer.certainty}
        for join in result.joins
        for answer in join.uncovered()
    ]
    told = {"tracker": result.tracker.name, "scenario": result.scenario.name, **total([result]), **failed(result)}
    return told | {"requests": result.by_route, "wrong_statements": wrong, "lists_without_truth": uncovered}


def differences(results):
    """Scenarios in which not all trackers saw the same joins: their figures cannot be compared."""
    seen = {}
    for result in results:
        if not result.failure:
            joins = [(join.truth["via"], join.truth["code"]) for join in result.joins]
            seen.setdefault(result.scenario.name, []).append(joins)
    return [name for name, games in seen.items() if any(joins != games[0] for joins in games)]


def table(head, rows):
    """Markdown; numbers to the right."""
    widths = [max(len(row[column]) for row in [head, *rows]) for column in range(len(head))]

    def line(cells):
        padded = [cell.rjust(width) for cell, width in zip(cells[1:], widths[1:])]
        return "| " + " | ".join([cells[0].ljust(widths[0]), *padded]) + " |"

    rule = "| " + " | ".join(["-" * widths[0], *("-" * (width - 1) + ":" for width in widths[1:])]) + " |"
    return "\n".join([line(head), rule, *map(line, rows)])


def seconds(milliseconds):
    if milliseconds is None:
        return "–"
    return f"{milliseconds:.0f} ms" if milliseconds < 1000 else f"{milliseconds / 1000:.1f} s"


def by_tracker(trackers):
    """All figures of each tracker over all its games."""
    head = [
        "tracker", "joins", "right", "wrong", "unknown", "missed", "best guess right", "at once",
        "truth listed", "requests a join", "first answer", "settled",
    ]  # fmt: skip
    rows = []
    for tracker in trackers:
        lists = tracker["candidate_lists"]
        covered = f"{tracker['candidate_lists_with_truth']:,} of {lists:,}" if lists else "–"
        numbers = [tracker[name] for name in ("joins", *VERDICTS, "best_guess_right", "first_guess_right")]
        per_join = "–" if tracker["requests_per_join"] is None else f"{tracker['requests_per_join']:.2f}"
        times = [seconds(tracker["median_ms"]), seconds(tracker["median_settled_ms"])]
        cells = [f"{number:,}" for number in numbers]
        if told := tracker["missed_in_reported_gaps"]:
            cells[4] += f" ({told:,})"
        rows.append([tracker["name"], *cells, covered, per_join, *times])
    return table(head, rows)


def tables(trackers):
    """What a run shows: over all games, without the raid where there was more, and by scenario."""
    parts = [by_tracker(trackers)]
    lighter = [tracker | tracker["without_raid"] for tracker in trackers]
    if any(0 < one["joins"] < all_["joins"] for one, all_ in zip(lighter, trackers)):
        parts += ["Without the raid, whose joins outweigh all others:", by_tracker(lighter)]
    legend = "By scenario: right / wrong / unknown / missed (best guess right, where that is not the same)."
    return "\n\n".join([*parts, legend, by_scenario(trackers)])


def by_scenario(trackers):
    """A cell is right / wrong / unknown / missed, and the best guesses that are right where that differs."""
    scenarios = unique(name for tracker in trackers for name in tracker["scenarios"])
    rows = []
    for scenario in scenarios:
        found = [tracker["scenarios"].get(scenario) for tracker in trackers]
        joins = max((one["joins"] for one in found if one), default=0)
        rows.append([f"{scenario} ({joins:,})", *map(cell, found)])
    return table(["scenario (joins)", *(tracker["short"] for tracker in trackers)], rows)


def cell(figures):
    if figures is None:
        return "–"
    if "failure" in figures:
        return "failed"
    text = " / ".join(str(figures[verdict]) for verdict in VERDICTS)
    return text if figures["best_guess_right"] == figures["right"] else f"{text} ({figures['best_guess_right']})"
