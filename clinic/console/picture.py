"""One indicator before and after, as a small picture: two marks on a track from 0 to 10, in the cone's colours.

The picture repeats what the text beside it says, and nothing is told by colour alone. What was declined or not asked
has no mark and is a word: it is never 0.
"""

from dataclasses import dataclass

from django.utils.translation import gettext, gettext_noop

from clinic.results.models import Answer
from mqtt_bridge.contract.forms import CONE_MAX, Ramp

CELL, GAP, MARGIN, MIDDLE = 20.0, 2.0, 10.0, 16.0
WIDTH = 2 * MARGIN + (CONE_MAX + 1) * CELL
HEIGHT = 32.0
RADIUS = 7.5

_NAMES = {
    "angoisse": gettext_noop("Angoisse"),
    "anxiete": gettext_noop("Anxiété"),
    "anxiété": gettext_noop("Anxiété"),
    "douleur": gettext_noop("Douleur"),
    "agitation": gettext_noop("Agitation"),
    "plaisir": gettext_noop("Plaisir"),
}


@dataclass(frozen=True)
class Side:
    """Before or after: a score, or the word for its absence."""

    score: int | None
    word: str

    @property
    def said(self) -> str:
        return self.word if self.score is None else str(self.score)

    @property
    def x(self) -> str:
        return f"{_x(self.score):g}" if self.score is not None else ""


@dataclass(frozen=True)
class Cell:
    x: str
    y: str
    width: str
    height: str
    step: int


@dataclass(frozen=True)
class Indicator:
    item: str
    ramp: Ramp
    before: Side
    after: Side

    @property
    def name(self) -> str:
        return name_of(self.item)

    @property
    def change(self) -> str:
        """−3, +2 or =, empty when one side has no number."""
        if self.before.score is None or self.after.score is None:
            return ""
        moved = self.after.score - self.before.score
        return "=" if moved == 0 else f"{'+' if moved > 0 else '−'}{abs(moved)}"

    @property
    def said(self) -> str:
        """The whole in words, for those who do not see the picture."""
        words = gettext("%(name)s : %(before)s avant, %(after)s après")
        return words % {"name": self.name, "before": self.before.said, "after": self.after.said}

    @property
    def both(self) -> bool:
        return self.before.score is not None and self.after.score is not None

    @property
    def same(self) -> bool:
        return self.both and self.before.score == self.after.score

    @property
    def arrow(self) -> tuple[str, str, str] | None:
        """(from, to, the head's points) of the line between the marks, None when they touch or one is missing."""
        if self.before.score is None or self.after.score is None or abs(self.before.score - self.after.score) < 2:
            return None
        way = 1 if self.after.score > self.before.score else -1
        start, tip = _x(self.before.score) + way * (RADIUS + 1), _x(self.after.score) - way * (RADIUS + 2)
        back = tip - way * 6
        head = f"{tip:g},{MIDDLE:g} {back:g},{MIDDLE - 4:g} {back:g},{MIDDLE + 4:g}"
        return f"{start:g}", f"{back:g}", head


def cells() -> list[Cell]:
    """The track that all pictures of a page share, narrow at 0 and wide at 10, as the cone is."""
    return [_cell(step) for step in range(CONE_MAX + 1)]


def indicator(
    item: str, ramp: Ramp, before: Answer | None, after: Answer | None, *, told: tuple[bool, bool]
) -> Indicator:
    """`told`: whether the whole evaluation has arrived, before and after."""
    return Indicator(item, ramp, side(before, told=told[0]), side(after, told=told[1]))


def name_of(item: str) -> str:
    return gettext(_NAMES[item]) if item in _NAMES else item.replace("-", " ").capitalize()


def side(answer: Answer | None, *, told: bool = True) -> Side:
    if answer is None:
        return Side(None, gettext("non demandé") if told else gettext("pas reçu"))
    if answer.score is not None:
        return Side(answer.score, "")
    words = {"asked-declined": gettext("décliné"), "not-asked": gettext("non demandé")}
    return Side(None, words.get(answer.absent_reason, gettext("sans réponse")))


def _x(score: int) -> float:
    return MARGIN + score * CELL + CELL / 2


def _cell(step: int) -> Cell:
    height = 3.0 + step * 1.1
    return Cell(
        x=f"{MARGIN + step * CELL + GAP / 2:g}",
        y=f"{MIDDLE - height / 2:g}",
        width=f"{CELL - GAP:g}",
        height=f"{height:g}",
        step=step,
    )
