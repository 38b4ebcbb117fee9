"""Home, and the choosing screens behind it: what is due now leads, what is not possible yet says when (A4, A15)."""

from kiosk.journey import framing, helping, honest, wording
from kiosk.journey.chapters import all_chapters
from kiosk.journey.state import Choosing, Journey, Record
from kiosk.journey.views import ChoosingView, HomeView, Tile
from kiosk.words import Words
from mqtt_bridge.contract.care import ServiceRequest
from mqtt_bridge.contract.stamp import Stamp

TILES_MAX = 3
"""Large tiles at home. What does not fit is behind one of them."""
CHOICES_MAX = 6
"""Tiles on a choosing screen."""
LINKS_MAX = 4


def view(journey: Journey, words: Words, now: Stamp) -> HomeView:
    plan = journey.plan
    tiles = gathered(cares(journey, words, now), others(journey, words, now), words)
    record, in_record, read = _told(journey, words, now)
    awake = any(not tile.asleep for tile in tiles)
    greeting = wording.greeting(plan.patient.address_as if plan else "", framing.local_time(plan, now), words)
    subtitle = words.home_due if awake else words.home_rest
    if not tiles and (missing := honest.missing_plan(journey, words)) is not None:
        greeting, subtitle = missing.title, " ".join(missing.lines)
    return HomeView(
        greeting=greeting,
        subtitle=subtitle,
        tiles=tiles,
        help=words.help,
        record=record,
        in_record=in_record,
        read=read,
        links=_links(journey, words, now),
        banner=honest.banner(journey, words, now),
    )


def _links(journey: Journey, words: Words, now: Stamp) -> tuple[Tile, ...]:
    """The first and the last two, « j’ai fini » and staff's, always have a place; the others are behind one of them."""
    links = _all_links(journey, words, now)
    if len(links) <= LINKS_MAX:
        return links
    return (links[0], Tile("choose:links", words.greeting.links, "", links[1].kind), *links[-2:])


def _all_links(journey: Journey, words: Words, now: Stamp) -> tuple[Tile, ...]:
    return tuple(link for chapter in all_chapters() for link in chapter.links(journey, words, now))


def choosing(journey: Journey, place: Choosing, words: Words, now: Stamp) -> ChoosingView:
    if place.links:
        return ChoosingView(words.greeting.others, _all_links(journey, words, now)[1:-2], words.home)
    tiles = _behind(journey, words, now) if place.others else cares(journey, words, now)
    title = words.greeting.others if place.others else words.choosing
    more = words.greeting.links if place.others else words.more_cares
    return ChoosingView(title, _page(tiles, place.page, more), words.home)


def _behind(journey: Journey, words: Words, now: Stamp) -> tuple[Tile, ...]:
    """What « Autre chose » counts at home: what has no tile of its own there."""
    due = others(journey, words, now)
    shown = {tile.target for tile in gathered(cares(journey, words, now), due, words)}
    return tuple(tile for tile in due if tile.target not in shown) or due


def cares(journey: Journey, words: Words, now: Stamp) -> tuple[Tile, ...]:
    """Those that can begin now, then those that cannot yet, each in the plan's order. What is over is not shown."""
    if journey.plan is None or journey.problem:
        return ()
    tiles = [tile for one in journey.plan.activity if (tile := _care(journey, one, words, now)) is not None]
    return tuple(sorted(tiles, key=lambda tile: tile.asleep))


def others(journey: Journey, words: Words, now: Stamp) -> tuple[Tile, ...]:
    """What is due beside the cares: messages, questions, lessons, a request.

    What somebody has written stands first: behind « Autre chose » nobody looks for it, and nothing else tells of it.
    """
    tiles = (tile for chapter in all_chapters() for tile in chapter.tiles(journey, words, now))
    return tuple(sorted(tiles, key=lambda tile: tile.kind != "message"))


def own_record(journey: Journey) -> Record | None:
    """The record of the person in front of the box, never of another."""
    record, plan = journey.record, journey.plan
    return record if record and plan and record.patient == plan.patient.id else None


def record_line(journey: Journey, words: Words) -> str:
    """The true state of the last answers, in words; empty when there are none."""
    record = own_record(journey)
    if record is None:
        return ""
    lines = {"pending": words.record_pending, "in_record": words.record_in, "held": words.record_held}
    return lines[record.truth]


def _told(journey: Journey, words: Words, now: Stamp) -> tuple[str, bool, str]:
    """(sentence, whether it is where it should be, who has read it): of a request for help before the last answers."""
    asked, sent = helping.home_line(journey, words, now)
    if asked:
        return asked, sent == "read", ""
    record = own_record(journey)
    read = words.read_by.format(reader=record.reader) if record and record.reader else ""
    return record_line(journey, words), record is not None and record.truth == "in_record", read


def _care(journey: Journey, request: ServiceRequest, words: Words, now: Stamp) -> Tile | None:
    later = framing.not_yet(journey, request, now)
    if later is None:
        return Tile(f"care:{request.id}", request.title, wording.duration(request, words), request.kind)
    if later.why == "over":
        return None
    said = wording.possible(later, framing.local_time(journey.plan, now), words)
    return Tile(f"care:{request.id}", request.title, said, request.kind, asleep=True)


def gathered(prescribed: tuple[Tile, ...], due: tuple[Tile, ...], words: Words) -> tuple[Tile, ...]:
    """Three at most: cares that may begin, what else is due, cares that may not yet. Several become one."""
    if len(prescribed) + len(due) > TILES_MAX and len(prescribed) > 1:
        detail = words.choose_care_detail.format(count=len(prescribed))
        asleep = all(tile.asleep for tile in prescribed)
        prescribed = (Tile("choose", words.choose_care, detail, prescribed[0].kind),)
        due, prescribed = ((*due, *prescribed), ()) if asleep and len(due) < TILES_MAX else (due, prescribed)
    room = TILES_MAX - len(prescribed)
    if len(due) > room:
        rest = words.greeting.others_detail.format(count=len(due) - room + 1)
        due = (*due[: room - 1], Tile("choose:others", words.greeting.others, rest, due[room - 1].kind))
    awake = tuple(tile for tile in prescribed if not tile.asleep)
    return (*awake, *due, *(tile for tile in prescribed if tile.asleep))


def _page(tiles: tuple[Tile, ...], page: int, more: str) -> tuple[Tile, ...]:
    """One screen of tiles; with more than fit, the last one leads on, and from the last page to the first."""
    if len(tiles) <= CHOICES_MAX:
        return tiles
    size = CHOICES_MAX - 1
    pages = -(-len(tiles) // size)
    first = page % pages * size
    return (*tiles[first : first + size], Tile("more", more, "", "mediation"))
