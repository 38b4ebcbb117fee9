"""Who is there, and their code."""

from dataclasses import replace

from kiosk.journey.views import CodeView, Tile, WhoView
from kiosk.screen import pictograms
from kiosk.screen.gallery.sample import Sample, Samples, Say

NAMES = (
    "Madame Martin",
    "Monsieur Petit",
    "Jeanne",
    "Monsieur de La Rochefoucauld",
    "Madame Nguyen",
    "Madame Lefèvre",
)


def who(say: Say, names: tuple[str, ...] = NAMES) -> WhoView:
    words = say.words.people
    tiles = tuple(Tile(f"person:p{at}", name, "", "person") for at, name in enumerate(names))
    return WhoView(words.who, words.who_detail, tiles, say.words.help)


def code(say: Say) -> CodeView:
    words = say.words.people
    return CodeView(
        title=words.code.format(name="Madame Martin"),
        detail=words.touch_pictures,
        pictures=pictograms.CODES,
        entered=2,
        length=4,
        back=say.words.back,
        help=say.words.help,
    )


def pin(say: Say) -> CodeView:
    return replace(code(say), pictures=(), detail=say.words.people.touch_digits, entered=3, length=6)


def samples(say: Say) -> Samples:
    words = say.words.people
    wrong, wait = words.wrong, words.wait.format(wait_minutes=2)
    scripts = ("محمد بن علي", "רחל כהן", "Ελένη Παππά", "Ольга Иванова", "Zoë 🌻", "Nguyễn Thị Hương")
    return {
        "who-six": Sample(replace(who(say), more=words.more), "A shared box: who is there? Names and nothing else."),
        "who-two": Sample(who(say, NAMES[:2]), "Two residents."),
        "who-scripts": Sample(who(say, scripts), "Names of every script, as they chose to be called."),
        "code-pictures": Sample(code(say), "A code of pictures, always in the same places."),
        "code-wrong": Sample(replace(code(say), entered=0, wrong=wrong), "Not the code: said once, calmly."),
        "code-wait": Sample(replace(code(say), entered=0, wait=wait), "After several failures: how long to wait."),
        "code-digits": Sample(pin(say), "A code of digits; how many were given, never which."),
        "code-digits-wait": Sample(replace(pin(say), entered=0, wait=wait), "The same wait, for digits."),
    }
