"""Fills an empty clinic: staff, patients, boxes, plans, a year of sessions, and the last days. From a seed."""

import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from django.db import connection, transaction

from clinic.demo.boxes import make_boxes
from clinic.demo.cast import Followed, Staff, make_patients, make_staff
from clinic.demo.course import DAY_MS, HOUR_MS, Course
from clinic.demo.lately import Lately
from clinic.demo.names import people
from clinic.demo.packages import make_packages
from clinic.demo.places import make_places
from clinic.demo.prescriptions import prescribe
from clinic.demo.rows import keys_follow
from clinic.demo.sessions import SessionRows
from clinic.plans.orders import Pen
from clinic.results.progress import mark_arrived, reckon

YEAR_DAYS = 365
SESSIONS_A_YEAR_MAX = 400
"""Of one person in follow-up; what is more is spread over those whose follow-up is over."""
READ_UNTIL_DAYS = 6
"""The invented référent has read what is older."""
ROWS_AT_ONCE = 60_000
Progress = Callable[[int, int], None]
"""(sessions written, sessions to write)."""


@dataclass(frozen=True)
class Size:
    """`patients`: in follow-up. `records`: all that the clinic keeps, those of before among them."""

    patients: int
    records: int
    sessions: int
    seed: int


def fill(size: Size, password: str, pen: Pen, now_ms: int, progress: Progress) -> Staff:
    """In two transactions: the people, and their sessions. The database must be empty."""
    chance = random.Random(size.seed)  # noqa: S311  # invented people, the same each time
    with transaction.atomic():
        staff = make_staff(password, size.patients // 20, chance)
        make_packages(now_ms)
        found = _patients(size, chance, now_ms)
        make_patients(found, staff, chance)
        boxes = make_boxes(found, now_ms, chance)
        courses = {one.id: Course(f"{size.seed}/{one.id}") for one in found}
        active = [one for one in found if one.active]
        for one in active:
            prescribe(one, courses[one.id], boxes[one.id], staff, pen, now_ms)
    _sessions(size, found, courses, boxes, SessionRows(staff.user.pk, now_ms), now_ms, progress)
    with transaction.atomic():
        Lately(boxes, staff, pen, now_ms).tell(active, chance)
        make_places(active, staff, now_ms)
    mark_arrived()
    for one in active:
        reckon(one.id)
    return staff


def _patients(size: Size, chance: random.Random, now_ms: int) -> list[Followed]:
    found = []
    for number, person in enumerate(people(size.records, chance)):
        active = number < size.patients
        ends_ms = now_ms if active else now_ms - chance.randrange(30, YEAR_DAYS) * DAY_MS
        since_ms = ends_ms - chance.randrange(60, YEAR_DAYS) * DAY_MS
        found.append(Followed(f"p-{number + 1:05}", person, since_ms, ends_ms, active))
    return found


def _sessions(  # all that they are made of
    size: Size,
    found: list[Followed],
    courses: dict[str, Course],
    boxes: dict[str, str],
    rows: SessionRows,
    now_ms: int,
    progress: Progress,
) -> None:
    done = waiting = 0
    with _without_checks(), transaction.atomic():
        for one, number in _shares(found, size):
            last_ms = one.until_ms - HOUR_MS
            for told in courses[one.id].sessions(number, one.since_ms, last_ms):
                read = one.active and told.at_ms < now_ms - READ_UNTIL_DAYS * DAY_MS
                rows.add(told, one.id, boxes[one.id], f"s-{one.id}-{done}", read=read)
                done += 1
                waiting += 19
            if waiting > ROWS_AT_ONCE:
                rows.write()
                waiting = 0
                progress(done, size.sessions)
        rows.write()
        progress(done, size.sessions)
    keys_follow(written.model for written in rows.every)


def _shares(found: list[Followed], size: Size) -> Iterator[tuple[Followed, int]]:
    """How many sessions each has: those in follow-up up to a full year, the others what is left."""
    active = [one for one in found if one.active]
    former = [one for one in found if not one.active]
    own = min(SESSIONS_A_YEAR_MAX, size.sessions // max(1, len(active) + len(former) // 4))
    if not former:
        own = size.sessions // len(active)
    left = size.sessions - own * len(active)
    for one in active:
        yield one, own
    for number, one in enumerate(former):
        yield one, left // len(former) + (number < left % len(former))


class _without_checks:  # noqa: N801  # a context manager, used as a word
    """SQLite looks up every foreign key of every row otherwise; ours are right by their making (a test checks them)."""

    def __enter__(self) -> None:
        self._disabled = connection.vendor == "sqlite" and connection.disable_constraint_checking()

    def __exit__(self, *_: object) -> None:
        if self._disabled:
            connection.enable_constraint_checking()
