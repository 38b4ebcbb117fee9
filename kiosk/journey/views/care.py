"""Home, and one care from its choice to the thanks.

Targets: `care:<request id>`, the tiles' own, `cone` (touched with the height 0 to 10), `minus`, `plus`, `decline`,
`continue`, `back`, `key:<character>`, `key:backspace`, `key:shift`, `key:symbols`, `key:letters`, `softer`, `louder`,
`stop`, `yes`, `no`, `help`, `done`, `choose`, `more`, `wake` (anywhere on a dark screen).
"""

from dataclasses import dataclass
from typing import Literal

from mqtt_bridge.contract.care import CareKind
from mqtt_bridge.contract.forms import Ramp

TileKind = CareKind | Literal["question", "message", "lesson", "delivery", "garden", "help", "person", "service"]
Layer = Literal["letters", "capitals", "symbols"]


@dataclass(frozen=True)
class Tile:
    """A large tile that starts something. `asleep`: it cannot be touched now, its subtitle says why and when.

    new: of a link at home, how many new things are behind it; its subtitle says that, for who does not see the mark.
    """

    target: str
    title: str
    subtitle: str
    kind: TileKind
    asleep: bool = False
    new: int = 0


@dataclass(frozen=True)
class Banner:
    """One honest line about the box: not connected since..., the hour is not sure. Empty when all is well.

    mark: the picture before it.
    """

    said: str = ""
    mark: str = "clock"


@dataclass(frozen=True)
class HomeView:
    """What is due leads, large. With no tile it is a restful screen, not an empty one.

    record: the true state of the last answers; in_record: whether the clinic's database has them; read: by whom.
    """

    greeting: str
    subtitle: str
    tiles: tuple[Tile, ...]
    help: str
    record: str = ""
    in_record: bool = False
    read: str = ""
    links: tuple[Tile, ...] = ()
    """What is always there and never due: messages, garden, medicines, another person. Small, four at most."""
    banner: Banner = Banner()


@dataclass(frozen=True)
class ChoosingView:
    title: str
    tiles: tuple[Tile, ...]
    back: str


@dataclass(frozen=True)
class ConeView:
    """One cone. `anchors`: the words of 0, 5 and 10, always visible. `value` None: unanswered, shown as unanswered.

    prompt: two short lines shown until a first touch; word: the word of `value`. step counts from 1.
    declined: the person has chosen not to answer (they came back to this question).
    """

    question: str
    moment: str
    help: str
    ramp: Ramp
    anchors: tuple[str, str, str]
    value: int | None
    word: str
    prompt: tuple[str, str]
    decline: str
    go_on: str
    back: str
    step: int
    steps: int
    declined: bool = False
    ladder: tuple[tuple[int, str], ...] = ()
    """The words from least to most, each with a height of its own: said one by one to closed eyes."""


@dataclass(frozen=True)
class CommentView:
    """Free text, with the on-screen AZERTY keyboard. An empty comment is allowed: the label of `go_on` says so."""

    question: str
    moment: str
    text: str
    placeholder: str
    layer: Layer
    go_on: str
    back: str
    step: int
    steps: int


@dataclass(frozen=True)
class TextView:
    """One paragraph of the explanation or of the advice; large type; page counts from 1."""

    title: str
    heading: str
    paragraph: str
    go_on: str
    back: str
    page: int
    pages: int


@dataclass(frozen=True)
class ReadyView:
    """« Appuyez sur le bouton » : armed when the sound is ready, else `detail` says that it is being made ready."""

    title: str
    instruction: str
    detail: str
    back: str
    armed: bool


@dataclass(frozen=True)
class PlayingView:
    """Night. `fraction` of the care that has been heard, 0 to 1. Dim after a minute; the three targets stay legible."""

    fraction: float
    sentence: str
    softer: str
    louder: str
    stop: str
    dim: bool
    level: int
    level_max: int
    """How loud, in steps of the allowed range, for a small picture when it changes."""
    show_level: bool = False


@dataclass(frozen=True)
class ConfirmStopView:
    """Asked once, calmly, over the night; the sound goes on."""

    question: str
    detail: str
    yes: str
    no: str


@dataclass(frozen=True)
class RestView:
    """Dark and silent; a touch anywhere is `wake`. `sentence` is drawn very dim."""

    sentence: str


@dataclass(frozen=True)
class ThanksView:
    title: str
    sentence: str
    record: str
    in_record: bool
    done: str


@dataclass(frozen=True)
class NoticeView:
    """A calm, honest sentence. No button when `done` is empty. help: a carer may be called from here.

    code: why, as the reports tell it, never drawn; told: the same in words for staff, drawn small.
    """

    title: str
    lines: tuple[str, ...]
    done: str
    code: str = ""
    told: str = ""
    help: str = ""
