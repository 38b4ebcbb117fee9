"""What changed for the patient between two versions of a plan, in words."""

from dataclasses import dataclass
from typing import Literal

from clinic.console.plans.facts import PARTS, Fact, Names, facts_of, names_of
from clinic.console.plans.plan_words import part_said
from clinic.plans.unfinished import UnfinishedPlan


@dataclass(frozen=True)
class Difference:
    """`what` of `name` was `before` and is `after`; a whole care, form... that is new or gone has neither."""

    part: str
    name: str
    kind: Literal["new", "gone", "changed"]
    what: str = ""
    before: str = ""
    after: str = ""


def differences(former: UnfinishedPlan, later: UnfinishedPlan, names: Names | None = None) -> tuple[Difference, ...]:
    known = names or names_of(former, later)
    before, after = facts_of(former, known), facts_of(later, known)
    return tuple(one for part in PARTS for one in _of_part(part, before, after))


def _of_part(part: str, before: tuple[Fact, ...], after: tuple[Fact, ...]) -> list[Difference]:
    here = [{f.subject: f.name for f in facts if f.part == part} for facts in (before, after)]
    words = part_said(part)
    new = [Difference(words, name, "new") for subject, name in here[1].items() if subject not in here[0]]
    gone = [Difference(words, name, "gone") for subject, name in here[0].items() if subject not in here[1]]
    both = [subject for subject in here[1] if subject in here[0]]
    return [*new, *gone, *(one for subject in both for one in _changed(part, subject, before, after))]


def _changed(part: str, subject: str, before: tuple[Fact, ...], after: tuple[Fact, ...]) -> list[Difference]:
    was = {f.what: f for f in before if (f.part, f.subject) == (part, subject)}
    now = {f.what: f for f in after if (f.part, f.subject) == (part, subject)}
    name = next(iter(now.values())).name
    found = []
    for what in dict.fromkeys([*now, *was]):
        said = tuple(told[what].said if what in told else "" for told in (was, now))
        if said[0] != said[1]:
            found.append(Difference(part_said(part), name, "changed", what, *said))
    if (earlier := next(iter(was.values())).name) != name and part != "needs":
        found.insert(0, Difference(part_said(part), name, "changed", "", earlier, name))
    return found
