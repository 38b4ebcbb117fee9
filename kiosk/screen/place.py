"""Whether two views are the same place: then a change is an answer to the finger, else another screen."""

from collections.abc import Hashable

from kiosk.journey import views
from kiosk.journey.views import View


def place(view: View) -> Hashable:
    """Equal for two views between which a trembling hand needs no pause."""
    match view:
        case views.ConeView() | views.CommentView():
            return type(view), view.question, view.step
        case views.TextView():
            return type(view), view.heading, view.page
        case views.HomeView() | views.ChoosingView():
            return type(view), view.tiles
        case views.NoticeView() | views.ThanksView():
            return type(view), view.title
        case _:
            return (type(view),)
