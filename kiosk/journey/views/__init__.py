"""What is on the screen, as data: final words and the names of what can be touched. The screen only draws it."""

from dataclasses import dataclass

from kiosk.journey.views.care import (
    Banner,
    ChoosingView,
    CommentView,
    ConeView,
    ConfirmStopView,
    HomeView,
    Layer,
    NoticeView,
    PlayingView,
    ReadyView,
    RestView,
    TextView,
    ThanksView,
    Tile,
    TileKind,
)
from kiosk.journey.views.garden import GardenView, Pair, Plant
from kiosk.journey.views.letters import (
    DeliveryView,
    LessonView,
    LetterLine,
    LettersView,
    LetterView,
    Step,
    WritingView,
)
from kiosk.journey.views.need import HelpView, NeedView, StopWhyView
from kiosk.journey.views.people import CodeView, WhoView
from kiosk.journey.views.questions import ChoiceView, NumberView, Option, ScaleView, YesNoView
from kiosk.journey.views.service import FindingLine, LevelView, SelfTestView, ServiceView, TouchTestView

View = (
    HomeView
    | ChoosingView
    | ConeView
    | CommentView
    | TextView
    | ReadyView
    | PlayingView
    | ConfirmStopView
    | RestView
    | ThanksView
    | NoticeView
    | ScaleView
    | ChoiceView
    | YesNoView
    | NumberView
    | WhoView
    | CodeView
    | NeedView
    | HelpView
    | StopWhyView
    | LettersView
    | LetterView
    | WritingView
    | LessonView
    | DeliveryView
    | GardenView
    | ServiceView
    | SelfTestView
    | LevelView
    | TouchTestView
)


@dataclass(frozen=True)
class Frame:
    """What stands around every screen.

    listen: label of the loudspeaker (target `listen`), empty where nothing can be said; speaking: it is being said.
    training: the mark of the training mode (B10), on every screen of it. focus: target that the button would choose
    (X3), drawn with a ring. still: nothing moves. night: every screen in the colours of the night.
    """

    listen: str = ""
    speaking: bool = False
    training: str = ""
    focus: str | None = None
    still: bool = False
    night: bool = False


__all__ = [
    "Banner",
    "ChoiceView",
    "ChoosingView",
    "CodeView",
    "CommentView",
    "ConeView",
    "ConfirmStopView",
    "DeliveryView",
    "FindingLine",
    "Frame",
    "GardenView",
    "HelpView",
    "HomeView",
    "Layer",
    "LessonView",
    "LetterLine",
    "LetterView",
    "LettersView",
    "LevelView",
    "NeedView",
    "NoticeView",
    "NumberView",
    "Option",
    "Pair",
    "Plant",
    "PlayingView",
    "ReadyView",
    "RestView",
    "ScaleView",
    "SelfTestView",
    "ServiceView",
    "Step",
    "StopWhyView",
    "TextView",
    "ThanksView",
    "Tile",
    "TileKind",
    "TouchTestView",
    "View",
    "WhoView",
    "WritingView",
    "YesNoView",
]
