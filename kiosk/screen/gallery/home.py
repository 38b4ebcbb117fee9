"""Home and the choice of a care."""

from dataclasses import replace

from kiosk.journey.views import Banner, ChoosingView, HomeView, Tile
from kiosk.screen.gallery.sample import NB, Sample, Samples, Say


def river(say: Say) -> Tile:
    title = say(f"Relaxation{NB}: la rivière", "Relaxation: the river")
    return Tile("care:river", title, say.words.minutes.format(minutes=20), "relaxation")


def sleep(say: Say) -> Tile:
    title = say(f"Sommeil{NB}: la nuit calme", "Sleep: the quiet night")
    return Tile("care:sleep", title, say.words.minutes.format(minutes=15), "sleep")


def anchor(say: Say) -> Tile:
    return Tile("care:anchor", say("Moment difficile", "A hard moment"), say(f"5{NB}minutes", "5 minutes"), "crisis")


def six(say: Say) -> tuple[Tile, ...]:
    """As many as one screen tells apart."""
    place = Tile(
        "care:place",
        say(f"Sophrologie{NB}: le lieu sûr", "Sophrology: the safe place"),
        _minutes(say, 12),
        "sophrology",
    )
    letter = Tile("care:letter", say("Parler ensemble", "Talking together"), _minutes(say, 30), "mediation")
    book = Tile("care:book", say("Comprendre ma douleur", "Understanding my pain"), _minutes(say, 8), "education")
    short = (replace(tile, subtitle=tile.subtitle.split(" · ")[0]) for tile in (sleep(say), river(say)))
    return (anchor(say), *short, letter, book, place)


def _minutes(say: Say, minutes: int) -> str:
    return say(f"{minutes}{NB}minutes", f"{minutes} minutes")


def links(say: Say) -> tuple[Tile, ...]:
    return (
        Tile("letters", say.words.letters.title, "", "message"),
        Tile("garden", say.words.garden.link, "", "garden"),
        Tile("delivery", say.words.delivery.title, "", "delivery"),
        Tile("service", say.words.service.link, "", "service"),
    )


def due(say: Say) -> HomeView:
    words = say.words
    return HomeView(
        words.hello.format(name=say("Madame Martin", "Mrs Martin")),
        words.home_due,
        (river(say),),
        words.help,
        words.record_in,
        in_record=True,
        read=words.read_by.format(reader=say("Claire, infirmière", "Claire, nurse")),
        links=links(say),
    )


def restful(say: Say) -> HomeView:
    return replace(due(say), subtitle=say.words.home_rest, tiles=())


def two(say: Say) -> HomeView:
    return replace(
        due(say), tiles=(river(say), sleep(say)), record=say.words.record_pending, in_record=False, read="", links=()
    )


def three(say: Say) -> HomeView:
    """Two things due, and a care that says when it can be started."""
    form = Tile("form:week", say("Ma semaine", "My week"), say("8 questions", "8 questions"), "question")
    when = say(f"Possible à 20{NB}h", "Possible at 20:00")
    return replace(due(say), tiles=(river(say), form, replace(sleep(say), subtitle=when, asleep=True)))


def signed_in(say: Say) -> HomeView:
    """Where a code was given: the way out stands among the links, and some of them are behind another."""
    words = say.words
    more = Tile("choose:links", words.greeting.links, "", "lesson")
    out = Tile("people", words.people.leave, words.people.leave_detail, "person")
    first, *_, last = links(say)
    return replace(due(say), links=(first, more, out, last))


def alone(say: Say) -> HomeView:
    """The network is away: the box says so, and goes on."""
    said = say.words.service
    line = said.banner_silent.format(since=said.days.format(span_count=2))
    letter = Tile("letters", say.words.letters.one_unread, _from_claire(say), "message")
    return replace(
        due(say),
        tiles=(river(say), letter),
        record=say.words.record_pending,
        in_record=False,
        read="",
        banner=Banner(line),
    )


def news(say: Say) -> HomeView:
    """A message came on the day of two forms: it is seen before them, and the link has its mark."""
    words = say.words
    first, *others = links(say)
    letter = Tile("letters:m", words.letters.one_unread, _from_claire(say), "message")
    more = Tile("choose:others", words.greeting.others, words.greeting.others_detail.format(count=2), "question")
    marked = replace(first, subtitle=words.letters.one_unread, new=1)
    return replace(due(say), tiles=(river(say), letter, more), links=(marked, *others))


def _from_claire(say: Say) -> str:
    return say.words.letters.from_whom.format(sender=say("Claire, infirmière", "Claire, nurse"))


def choosing(say: Say) -> ChoosingView:
    return ChoosingView(say.words.choosing, (river(say), sleep(say), six(say)[-1]), say.words.home)


def samples(say: Say) -> Samples:
    return {
        "home-restful": Sample(restful(say), "Home when nothing is due: a restful view, not an empty one."),
        "home-one": Sample(due(say), "Home with one care prescribed for now."),
        "home-two": Sample(two(say), "Two cares; the last answers are kept here and have not left yet."),
        "home-three": Sample(three(say), "A care, a form, and a care that says when it can be started."),
        "home-alone": Sample(alone(say), "A message from the team; no network for two days, and the box says so."),
        "home-news": Sample(news(say), "A message on the day of two forms: seen at once, in two places."),
        "home-signed-in": Sample(signed_in(say), "After a code: « J’ai fini » closes it again."),
        "choosing-three": Sample(choosing(say), "More than three cares: they are chosen on a screen of their own."),
        "choosing-six": Sample(replace(choosing(say), tiles=six(say)), "Six cares, as many as one screen tells apart."),
    }
