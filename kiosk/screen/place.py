"""Whether two views are the same place: then a change is an answer to the finger, else another screen."""

from collections.abc import Hashable

from kiosk.journey import views
from kiosk.journey.views import View


def place(view: View) -> Hashable:
    """Equal for two views between which a trembling hand needs no pause."""
    match view:
        case views.ConeView() | views.CommentView():
            return type(view), view.question, view.step
        case views.ScaleView() | views.YesNoView() | views.NumberView():
            return type(view), view.question, view.step
        case views.ChoiceView():
            return type(view), view.question, view.step, view.options
        case views.TextView() | views.LessonView():
            return type(view), view.heading, view.page
        case views.HomeView() | views.ChoosingView() | views.ServiceView():
            return type(view), view.tiles
        case views.NoticeView() | views.ThanksView():
            return type(view), view.title
        case views.StopWhyView() | views.SelfTestView() | views.ConfirmStopView():
            return type(view), view.question
        case _:
            return _between_people(view)


def _between_people(view: View) -> Hashable:
    """Who is there, help, and what passes between the person and the clinic."""
    match view:
        case views.WhoView():
            return type(view), view.people
        case views.CodeView():
            return type(view), view.title, bool(view.wait)
        case views.NeedView():
            return type(view), view.offers
        case views.HelpView():
            return type(view), bool(view.ask)
        case views.LettersView():
            return type(view), view.letters
        case views.LetterView():
            return type(view), view.who, view.when, view.page
        case views.WritingView():
            return type(view), view.title, view.phrases_shown
        case views.DeliveryView():
            return type(view), bool(view.ask), bool(view.received)
        case _:
            return (type(view),)
