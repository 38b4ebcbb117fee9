"""« Ma journée »: what waits for somebody. Each app contributes a source; the list knows none of them by name."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from itertools import islice

from clinic.people.models import Patient, Practitioner

OF_A_SOURCE_MAX = 200
"""So many of each source are shown: a list that nobody can work through is told as such, with its length left open."""


@dataclass(frozen=True)
class Entry:
    """One thing that waits, of a patient whom the reader follows.

    kind: help, strong-pain, comment, answers, message, delivery, task, or another that the console has a word for.
    patient: None for a request for help that bears nobody's name. what: somebody's own words, or empty.
    page, arguments: the console's page where it is dealt with. uncertain: `since_ms` is when it arrived.
    """

    kind: str
    since_ms: int
    page: str
    arguments: tuple[str | int, ...]
    patient: Patient | None = None
    what: str = ""
    score: int | None = None
    rule: str = ""
    uncertain: bool = False
    owner: Practitioner | None = None
    taken_ms: int | None = None
    due_ms: int | None = None
    box: str = ""
    urgent: bool = False
    task: int | None = None
    """The coordination task, for taking it from the list itself."""
    older: int = 0
    """How many more of the kind wait for this patient, since `oldest_ms`; whoever opens one reads them all."""
    oldest_ms: int | None = None


GATHERED = ("strong-pain", "comment", "answers")
"""What is read on the patient's pages, many at once: one line for each patient, while nobody has taken it."""


def gather(entries: Iterable[Entry]) -> list[Entry]:
    """Of each patient the latest of these kinds alone, which tells how many older ones wait, and since when."""
    kept: list[Entry] = []
    together: dict[tuple[str, str], list[Entry]] = {}
    for entry in entries:
        if entry.kind in GATHERED and entry.patient is not None and entry.owner is None:
            together.setdefault((entry.patient.id, entry.kind), []).append(entry)
        else:
            kept.append(entry)
    for found in together.values():
        first, *more = sorted(found, key=lambda one: one.since_ms, reverse=True)
        kept.append(replace(first, older=len(more), oldest_ms=more[-1].since_ms if more else None))
    return kept


Source = Callable[[Practitioner, int], Iterable[Entry]]
"""(reader, the time now in ms): what waits of the patients whom this reader follows, the longest waiting first."""
_sources: dict[str, Source] = {}


def register(name: str, source: Source) -> None:
    """Called once by each app when it is ready (`AppConfig.ready`)."""
    _sources[name] = source


def sources() -> dict[str, Source]:
    return dict(_sources)


@dataclass(frozen=True)
class Waiting:
    """`cut`: the names of the sources that have more than is shown."""

    entries: list[Entry]
    cut: frozenset[str]


def waiting_for(reader: Practitioner, now_ms: int) -> Waiting:
    """From every source, in no order."""
    entries: list[Entry] = []
    cut: set[str] = set()
    for name, source in _sources.items():
        found = list(islice(source(reader, now_ms), OF_A_SOURCE_MAX + 1))
        entries += found[:OF_A_SOURCE_MAX]
        if len(found) > OF_A_SOURCE_MAX:
            cut.add(name)
    return Waiting(entries, frozenset(cut))
