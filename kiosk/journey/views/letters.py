"""Messages, lessons and deliveries.

Targets: `letter:<id>`, `write`, `reply:<n>`, `phrase:<n>`, `send`, `key:...`, `continue`, `back`, `more`, `ask`,
`received`.
"""

from dataclasses import dataclass

from kiosk.journey.views.care import Layer


@dataclass(frozen=True)
class LetterLine:
    """One message in the list: who, when, its first words. `mine`: written here; state: its truth, for those."""

    target: str
    who: str
    when: str
    excerpt: str
    unread: bool = False
    mine: bool = False
    state: str = ""


@dataclass(frozen=True)
class LettersView:
    """The newest first, four a screen at most. `empty`: said when there are none."""

    title: str
    letters: tuple[LetterLine, ...]
    write: str
    back: str
    more: str = ""
    empty: str = ""


@dataclass(frozen=True)
class LetterView:
    """One page of a message. reply: to write one's own (target `write`).

    replies: ready answers, six at most, on a page of their own after the last paragraph; `paragraph` is then short
    (« Que voulez-vous répondre ? »).
    """

    who: str
    when: str
    paragraph: str
    page: int
    pages: int
    go_on: str
    back: str
    replies: tuple[str, ...] = ()
    reply: str = ""
    state: str = ""


@dataclass(frozen=True)
class WritingView:
    """A message under way. `warning`: that nobody reads it at once, and what to do when it is urgent: always shown.

    phrases: ready ones, six at most, put in at a touch; phrases_shown: they take the keyboard's place. The button
    that changes between the two is `more`.
    """

    title: str
    text: str
    placeholder: str
    layer: Layer
    warning: str
    send: str
    back: str
    phrases_label: str
    phrases: tuple[str, ...] = ()
    phrases_shown: bool = False
    empty_allowed: bool = False
    """It can be sent without a word: what is asked for is said elsewhere."""


@dataclass(frozen=True)
class LessonView:
    """One page of a lesson; `picture` is a pictogram of the contract's, or empty."""

    title: str
    heading: str
    text: str
    picture: str
    page: int
    pages: int
    go_on: str
    back: str


@dataclass(frozen=True)
class Step:
    """One step of a delivery. `now`: the last one reached."""

    label: str
    done: bool
    now: bool = False


@dataclass(frozen=True)
class DeliveryView:
    """Medicines asked for: what happens with the request, as far as it is known here."""

    title: str
    pharmacy: str
    steps: tuple[Step, ...]
    state: str
    ask: str
    received: str
    back: str
    note: str = ""
