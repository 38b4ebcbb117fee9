"""sessions, quarantine, retry-held: what came back, and what could not be read."""

import argparse
import json
from collections.abc import Iterable
from typing import TYPE_CHECKING

from clinic.commands.common import Subparsers, audit, command, open_home, pen_of, say, table

if TYPE_CHECKING:
    from clinic.results.models import Listening
    from clinic.results.sessions import SessionRecord


def add(subparsers: Subparsers) -> None:
    listed = command(
        subparsers,
        "sessions",
        _sessions,
        "The sessions in the record, oldest first: care, start, listening, gaps, level, weekly dose, scores, comments.",
        "chevet-clinic sessions --patient martin --json",
    )
    listed.add_argument("--patient", metavar="P", help="of this patient only")
    listed.add_argument("--json", action="store_true", help="an array, for a machine; no answer is null, never 0")
    set_aside = command(
        subparsers,
        "quarantine",
        _quarantine,
        "What could not be read or verified, what contradicts the ledger, and what is held.",
        "chevet-clinic quarantine --json",
    )
    set_aside.add_argument("--json", action="store_true")
    command(
        subparsers,
        "reckon",
        _reckon,
        "Reckon the progress of every patient for « À réajuster »: once, after this version comes to a clinic that has "
        "worked before it. What arrives later is reckoned by itself.",
        "chevet-clinic reckon",
    )
    command(
        subparsers,
        "retry-held",
        _retry_held,
        "Try again to read the reports that are held: after a key was restored, or a box's patient registered.",
        "chevet-clinic retry-held",
    )


def _reckon(arguments: argparse.Namespace) -> int:
    open_home(arguments)
    from clinic.plans.models import CarePlan
    from clinic.results.progress import mark_arrived, reckon, stale_among

    while mark_arrived():
        pass
    audit("write", "progress reckoned by the command line")
    everybody = CarePlan.objects.order_by().values_list("patient_id", flat=True).distinct()
    stale = stale_among(list(everybody))
    for patient in stale:
        reckon(patient)
    say(f"reckon: {len(stale)} patients")
    return 0


def _sessions(arguments: argparse.Namespace) -> int:
    open_home(arguments)
    from clinic.people.access import patient_named
    from clinic.results.sessions import as_json, records, sessions

    patient = patient_named(arguments.patient).id if arguments.patient else ""
    audit("read", "sessions by the command line", patient)
    found = records(reversed(sessions(patient or None)))
    if arguments.json:
        say(json.dumps([as_json(kept) for kept in found], ensure_ascii=False, indent=1))
    else:
        say(_sessions_table(found))
    return 0


HEADS = ("patient", "care", "started", "outcome", "listened", "gaps", "level", "week", "before", "after", "comments")


def _sessions_table(found: "Iterable[SessionRecord]") -> str:
    return table([_session_cells(kept) for kept in found], HEADS)


def _session_cells(kept: "SessionRecord") -> list[str]:
    heard, session = kept.listening, kept.session
    comments = [words for words in (kept.comment("before"), kept.comment("after")) if words]
    return [
        session.patient_id,
        session.care,
        _when(session.started_ms, session.error_ms),
        heard.outcome if heard else "-",
        f"{heard.listened_s:.1f} s" if heard else "-",
        _gaps(heard) if heard else "-",
        _level(heard) if heard else "-",
        _week(heard) if heard else "-",
        _scores(kept, "before"),
        _scores(kept, "after"),
        " / ".join(" ".join(words.split()) for words in comments) or "-",
    ]


def _when(at_ms: int, error_ms: int | None) -> str:
    import datetime as dt

    from django.utils import timezone

    at = timezone.localtime(dt.datetime.fromtimestamp(at_ms / 1000, dt.UTC))
    return f"{at:%Y-%m-%d %H:%M:%S}" + ("" if error_ms is not None else " (uncertain)")


def _gaps(heard: "Listening") -> str:
    least = "at least " if heard.gaps_total > len(heard.gaps) else ""
    lost_ms = sum(gap["duration_ms"] for gap in heard.gaps)
    return f"{heard.gaps_total} ({least}{lost_ms:.0f} ms)" if heard.gaps_total else "0"


def _level(heard: "Listening") -> str:
    """`69.8 dBA`, and a word when nobody has measured the headphones."""
    if heard.level_dba is None:
        return "-"
    return f"{heard.level_dba:.1f} dBA" + (" (uncalibrated)" if heard.calibration == "uncalibrated" else "")


def _week(heard: "Listening") -> str:
    """The person's last seven days when this session had ended."""
    return "-" if heard.dose_week_percent is None else f"{heard.dose_week_percent:.2f} %"


def _scores(kept: "SessionRecord", moment: str) -> str:
    """`angoisse 7, douleur declined`: a silence is a word, never a number."""
    answers = [(item, kept.answer(moment, item)) for item in kept.cones]
    words = {"asked-declined": "declined", "not-asked": "not asked"}
    told = [
        f"{item} {answer.score if answer.score is not None else words.get(answer.absent_reason, answer.absent_reason)}"
        for item, answer in answers
        if answer
    ]
    return ", ".join(told) or "-"


def _problem(kind: str, about: str, code: str, problem: str, at_ms: int) -> dict[str, str | int]:
    return {"kind": kind, "about": about, "code": code, "problem": problem, "times": 1, "at_ms": at_ms}


def _quarantine(arguments: argparse.Namespace) -> int:
    open_home(arguments)
    from clinic.results.to_check import held_rows, set_aside

    held, aside = list(held_rows()), list(set_aside())
    rows = [_problem(q.kind, q.topic, q.code, q.problem, q.last_ms) | {"times": q.times} for q in aside]
    rows += [_problem("held", str(row), row.code, row.problem, row.received_ms) for row in held]
    if arguments.json:
        say(json.dumps(rows, ensure_ascii=False, indent=1))
    elif rows:
        cells = [
            [str(r["kind"]), str(r["about"]), str(r["times"]), _when(int(str(r["at_ms"])), 0), str(r["problem"])]
            for r in rows
        ]
        say(table(cells, ("kind", "about", "times", "last", "problem")))
    else:
        say("quarantine: nothing to check")
    return 0


def _retry_held(arguments: argparse.Namespace) -> int:
    home, configuration = open_home(arguments)
    from clinic.bells import ring_ingest
    from clinic.ingest.held import retry_held
    from mqtt_bridge.seal import load_secret

    audit("write", "held reports tried again")
    entered, held = retry_held(load_secret(home.clinic_keys), pen_of(home, configuration))
    ring_ingest(home)
    say(f"retry-held: {entered} in the record, {held} still held")
    return 0
