"""The words of the checklist, each version a file beside this one, and the FHIR Questionnaire that it stands for."""

import functools
import tomllib
from collections.abc import Mapping
from importlib import resources
from types import MappingProxyType
from typing import Literal

import msgspec

from clinic.errors import RecordError
from clinic.plans.forms.shorthand import FormShorthand, ItemShorthand, questionnaire
from mqtt_bridge.contract.codec import Line, Paragraph, Word
from mqtt_bridge.contract.forms import Questionnaire

VERSIONS = ("1",)
YES, NO, NOT_SEEN = "yes", "no", "not-seen"
NETWORK, NO_NETWORK, CALL = "reseau", "none", "appel"
"""The network's line and the answer that there is none; the line of another way to call for help."""
REMARK = ".remarque"
"""After a line's id: its remark's."""
OUTCOME, REASON, MADE_ON, METHOD, PLACE, INFORMANT = "conclusion", "raison", "jour", "comment", "lieu", "avec"
"""The items that are asked besides the lines."""
_PLACES = {"home": "À domicile", "establishment": "En établissement"}
_METHODS = {"visit": "En visite", "telephone": "Par téléphone"}
_OUTCOMES = {"suitable": "Convient", "with-arrangements": "Convient avec des aménagements", "not-now": "Pas maintenant"}


class ChecklistLine(Word, frozen=True):
    """`remedy`: what a « no » asks for; empty where no answer is a wrong one. `options`: instead of yes and no."""

    id: str
    heading: Line
    title: Line
    question: Line
    help: Line | Literal[""] = ""
    remedy: Paragraph | Literal[""] = ""
    options: dict[str, Line] = {}  # noqa: RUF012  # msgspec copies it

    @property
    def answers(self) -> tuple[str, ...]:
        return (*(self.options or (YES, NO)), NOT_SEEN)


class Checklist(Word, frozen=True):
    url: str
    version: str
    title: Line
    language: Literal["fr"]
    line: tuple[ChecklistLine, ...]

    @property
    def canonical(self) -> str:
        return f"{self.url}|{self.version}"

    @property
    def questionnaire(self) -> Questionnaire:
        """Each line an item and its remark another; before them where and how it was made, after them the outcome.

        Without groups: a response would have to repeat them, and ours is flat.
        """
        lines = (item for line in self.line for item in _items(line))
        form = FormShorthand(self.url, self.version, self.title, self.language, item=(*_BEFORE, *lines, *_AFTER))
        return questionnaire(form)


_BEFORE = (
    ItemShorthand(MADE_ON, "text", "Quel jour ?"),
    ItemShorthand(PLACE, "choice", "Où la boîte sera-t-elle ?", options=_PLACES),
    ItemShorthand(METHOD, "choice", "Comment la liste est-elle faite ?", options=_METHODS),
    ItemShorthand(INFORMANT, "text", "Avec qui ?"),
)
_AFTER = (
    ItemShorthand(OUTCOME, "choice", "Le lieu convient-il ?", options=_OUTCOMES),
    ItemShorthand(REASON, "text", "Pourquoi, et ce qui est à arranger"),
)


def _items(line: ChecklistLine) -> tuple[ItemShorthand, ItemShorthand]:
    kind: Literal["choice", "yes-no"] = "choice" if line.options else "yes-no"
    asked = ItemShorthand(line.id, kind, line.question, help=line.help, options=line.options or ())
    return asked, ItemShorthand(f"{line.id}{REMARK}", "text", "Remarque")


@functools.cache
def checklists() -> Mapping[str, Checklist]:
    """Every version by its canonical, the newest last."""
    read = [_read(version) for version in VERSIONS]
    return MappingProxyType({one.canonical: one for one in read})


def current() -> Checklist:
    """The one that is answered today."""
    return list(checklists().values())[-1]


def lines_of(canonical: str) -> Mapping[str, ChecklistLine]:
    """The words that somebody answered, by line; none where another version of Chevet's were (an update taken back).

    What was answered stays readable then by the names of its lines.
    """
    found = checklists().get(canonical)
    return {line.id: line for line in found.line} if found else {}


def checklist_of(canonical: str) -> Checklist:
    """The words that somebody answered. Raises RecordError."""
    found = checklists().get(canonical)
    if found is None:
        raise RecordError(f"checklist {canonical}: this version knows {', '.join(checklists())}")
    return found


def _read(version: str) -> Checklist:
    raw = (resources.files(__package__) / f"lieu-{version}.fr.toml").read_text(encoding="utf-8")
    return msgspec.convert(tomllib.loads(raw), Checklist)
