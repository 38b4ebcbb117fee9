"""What each screen says, in order: its own words, then what can be chosen. Pure; names are left to the recordings."""

from collections.abc import Hashable
from dataclasses import dataclass

from kiosk.journey import views
from kiosk.journey.views import Tile, View
from kiosk.journey.views.questions import Question
from kiosk.words import Words

SILENT = (views.PlayingView, views.RestView)
"""Nothing is said there: the music is, or the night."""


@dataclass(frozen=True)
class Choice:
    """Something that can be chosen: the target, the height on a cone, and its words."""

    target: str
    said: tuple[str, ...]
    height: int | None = None


def sentences(view: View, words: Words) -> tuple[str, ...]:
    """The whole screen, for « Écouter »: each sentence once, without the ways back and on."""
    choices = [one for one in choices_of(view, words) if one.target not in ("back", "continue", "done")]
    said = (*heading(view), *answer(view), *(text for one in choices for text in one.said))
    return tuple(dict.fromkeys(text for text in said if text))


def heading(view: View) -> tuple[str, ...]:
    """What the screen says before anything can be chosen."""
    return tuple(text for text in _heading(view) if text.strip())


def choices_of(view: View, words: Words) -> tuple[Choice, ...]:
    """What can be chosen, in the order in which it is said. Declining is never the first, going back the last."""
    return tuple(one for one in _choices(view, words) if any(text.strip() for text in one.said))


def answer(view: View | Question) -> tuple[str, ...]:
    """What has been chosen on this screen and is not confirmed; empty when nothing is."""
    match view:
        case views.ConeView(value=value, word=word) if value is not None:
            return (word, str(value))
        case views.ScaleView(options=options, chosen=chosen) if chosen is not None:
            return (options[chosen],)
        case views.ChoiceView(options=options, chosen=target) if target is not None:
            return tuple(option.label for option in options if option.target == target)
        case views.YesNoView(yes=yes, no=no, chosen=chosen) if chosen is not None:
            return (yes if chosen else no,)
        case views.NumberView(digits=digits) if digits:
            return (*digits, view.wrong) if view.wrong else tuple(digits)
        case views.ConeView() | Question() if view.declined:
            return (view.decline,)
        case _:
            return ()


def screen_of(view: View) -> Hashable:
    """Equal for two views of one screen: what differs then is an answer, not another place."""
    match view:
        case views.ChoiceView(options=options):
            return type(view), view.question, view.step, tuple(option.target for option in options)
        case views.ConeView() | views.CommentView() | Question():
            return type(view), view.question, view.step
        case views.HomeView(tiles=tiles) | views.ChoosingView(tiles=tiles):
            return type(view), tuple(tile.target for tile in tiles)
        case views.ReadyView(armed=armed):
            return type(view), armed
        case views.PlayingView() | views.ConfirmStopView() | views.RestView() | views.WritingView():
            return (type(view),)
        case views.CodeView(wrong=wrong, wait=wait):
            return type(view), view.title, wrong, bool(wait)
        case _:
            return type(view), _heading(view)


def _heading(view: View) -> tuple[str, ...]:
    match view:
        case views.HomeView():
            asleep = (text for tile in view.tiles if tile.asleep for text in (tile.title, tile.subtitle))
            return (view.greeting, view.subtitle, *asleep, view.banner.said, view.record, view.read)
        case views.ChoosingView(title=title, tiles=tiles):
            return (title, *(text for tile in tiles if tile.asleep for text in (tile.title, tile.subtitle)))
        case views.NumberView():
            return (view.heading, view.question, view.help, view.allowed)
        case Question():
            return (view.heading, view.question, view.help)
        case views.ConeView():
            return (view.question, view.help)
        case views.CommentView(question=question):
            return (question,)
        case views.TextView():
            return (view.title if view.page == 1 else "", view.heading, view.paragraph)
        case views.LessonView():
            return (view.title if view.page == 1 else "", view.heading, view.text)
        case views.PlayingView() | views.RestView():
            return ()
        case _:
            return _heading_elsewhere(view)


def _heading_elsewhere(view: View) -> tuple[str, ...]:
    match view:
        case views.ReadyView():
            return (view.title, view.instruction, view.detail)
        case views.ConfirmStopView():
            return (view.question, view.detail)
        case views.ThanksView():
            return (view.title, view.sentence, view.record)
        case views.NoticeView(title=title, lines=lines):
            return (title, *lines)
        case views.WhoView():
            return (view.title, view.subtitle)
        case views.CodeView():
            return (view.title, view.detail, view.wrong, view.wait)
        case views.NeedView():
            return (view.title, view.reason)
        case views.HelpView():
            return (view.title, *view.lines, view.state)
        case views.StopWhyView(question=question):
            return (question,)
        case _:
            return _heading_of_letters(view)


def _heading_of_letters(view: View) -> tuple[str, ...]:
    match view:
        case views.LettersView(title=title, letters=letters, empty=empty):
            return (title,) if letters else (title, empty)
        case views.LetterView():
            return (view.who, view.when, view.paragraph, view.state)
        case views.WritingView():
            return (view.title, view.warning)
        case views.DeliveryView():
            now = tuple(step.label for step in view.steps if step.now)
            return (view.title, view.pharmacy, *now, view.state, view.note)
        case views.GardenView():
            pairs = (text for pair in view.pairs for text in (pair.label, pair.before_word, pair.after_word))
            return (view.title, view.sentence, view.pairs_title if view.pairs else "", *pairs)
        case views.ServiceView(title=title, lines=lines):
            return (title, *lines)
        case views.TouchTestView(title=title):
            return (title,)
        case views.LevelView(title=title, lines=lines, level=level):
            return (title, *lines, level)
        case views.SelfTestView():
            found = (text for one in view.findings for text in (one.label, one.told))
            return (view.title, view.question, *(() if view.question else found))
        case _:
            return ()


def _choices(view: View, words: Words) -> tuple[Choice, ...]:
    match view:
        case views.HomeView():
            return (*_tiles(view.tiles), Choice("help", (view.help,)), *_tiles(view.links))
        case views.ChoosingView():
            return (*_tiles(view.tiles), Choice("back", (view.back,)))
        case views.ConeView() | Question():
            return _of_question(view, words)
        case views.TextView() | views.LessonView() | views.CommentView():
            return (Choice("continue", (view.go_on,)), Choice("back", (view.back,)))
        case views.ConfirmStopView():
            return (Choice("no", (view.no,)), Choice("yes", (view.yes,)))
        case views.ThanksView() | views.NoticeView():
            helped = (Choice("help", (view.help,)),) if isinstance(view, views.NoticeView) else ()
            return (Choice("done", (view.done,)), *helped)
        case views.WhoView():
            return (*_tiles(view.people), Choice("help", (view.help,)), Choice("more", (view.more,)))
        case views.CodeView():
            return _of_code(view, words)
        case views.NeedView():
            return (*_tiles(view.offers), *_tiles((view.keep,)))
        case views.HelpView():
            return (Choice("ask", (view.ask,)), Choice("done", (view.done,)))
        case views.StopWhyView():
            return (*_tiles(view.reasons), Choice("skip", (view.skip,)))
        case _:
            return _choices_elsewhere(view)


def _choices_elsewhere(view: View) -> tuple[Choice, ...]:
    match view:
        case views.LettersView():
            letters = (Choice(one.target, (one.who, one.when, one.excerpt, one.state)) for one in view.letters)
            ways = (("more", view.more), ("write", view.write), ("back", view.back))
            return (*letters, *(Choice(target, (label,)) for target, label in ways))
        case views.LetterView():
            replies = (Choice(f"reply:{n}", (text,)) for n, text in enumerate(view.replies))
            onward = (Choice("continue", (view.go_on,)), *replies, Choice("write", (view.reply,)))
            return (*onward, Choice("back", (view.back,)))
        case views.WritingView():
            return _of_writing(view)
        case views.DeliveryView():
            asked = (Choice("received", (view.received,)), Choice("ask", (view.ask,)))
            return (*asked, Choice("back", (view.back,)))
        case views.GardenView():
            return (Choice("more", (view.more,)), Choice("back", (view.back,)))
        case views.ServiceView():
            return (*_tiles(view.tiles), Choice("back", (view.back,)))
        case views.SelfTestView():
            human = (Choice("yes", (view.yes,)), Choice("no", (view.no,))) if view.question else ()
            return (*human, Choice("back", (view.back,)))
        case views.TouchTestView(skip=skip):
            return (Choice("skip", (skip,)),)
        case views.LevelView():
            return (Choice("softer", (view.softer,)), Choice("louder", (view.louder,)), Choice("done", (view.done,)))
        case _:
            return ()


def _tiles(tiles: tuple[Tile, ...]) -> tuple[Choice, ...]:
    return tuple(Choice(tile.target, (tile.title, tile.subtitle)) for tile in tiles if not tile.asleep)


def _of_question(view: views.ConeView | Question, words: Words) -> tuple[Choice, ...]:
    """Once something is chosen, going on comes first: what was chosen has been said back by then."""
    onward = (Choice("continue", (view.go_on,)),) if answer(view) else ()
    ways = (Choice("decline", (view.decline,)), Choice("back", (view.back,)))
    return (*onward, *_answers(view, words), *ways)


def _answers(view: views.ConeView | Question, words: Words) -> tuple[Choice, ...]:
    match view:
        case views.ConeView(value=None):
            return tuple(Choice("cone", (word,), height) for height, word in view.ladder)
        case views.ConeView():
            return _exactly(view, words)
        case views.ScaleView(options=options):
            return tuple(Choice(f"option:{n}", (text,)) for n, text in enumerate(options))
        case views.ChoiceView(options=options):
            said = tuple(Choice(option.target, (option.label,)) for option in options)
            return (*said, Choice("more", (view.more,)))
        case views.YesNoView():
            return (Choice("yes", (view.yes,)), Choice("no", (view.no,)))
        case views.NumberView(digits=digits):
            erase = (Choice("key:backspace", (words.aloud.erase,)),) if digits else ()
            return (*_digits(), *erase)
        case _:
            return ()


def _exactly(view: views.ConeView, words: Words) -> tuple[Choice, ...]:
    """The word came first; now the number: a step up or down, then the other words."""
    more = Choice("plus", (words.aloud.a_little_more,))
    less = Choice("minus", (words.aloud.a_little_less,))
    others = tuple(Choice("cone", (word,), height) for height, word in view.ladder if word != view.word)
    steps = ((more,) if view.value != 10 else ()) + ((less,) if view.value != 0 else ())
    return (*steps, *others)


def _digits() -> tuple[Choice, ...]:
    return tuple(Choice(f"key:{digit}", (str(digit),)) for digit in range(10))


def _of_code(view: views.CodeView, words: Words) -> tuple[Choice, ...]:
    pictures = tuple(Choice(f"picture:{name}", (words.aloud.pictures.get(name, name),)) for name in view.pictures)
    keys = pictures or _digits()
    erase = (Choice("key:backspace", (words.aloud.erase,)),) if view.entered and not pictures else ()
    ways = (Choice("back", (view.back,)), Choice("help", (view.help,)))
    return ways if view.wait else (*keys, *erase, *ways)


def _of_writing(view: views.WritingView) -> tuple[Choice, ...]:
    """Only ready phrases can be said by the button: there is no keyboard for closed eyes."""
    send = (Choice("send", (view.send,)),) if view.text.strip() else ()
    phrases = tuple(Choice(f"phrase:{n}", (text,)) for n, text in enumerate(view.phrases))
    shown = phrases if view.phrases_shown else (Choice("more", (view.phrases_label,)),) if phrases else ()
    return (*send, *shown, Choice("back", (view.back,)))
