"""The gallery as a page: docs/gallery, which tells what each screen is and when it appears, and holds its pictures.

It keeps under 6 MiB: both languages and the night on the 7-inch panel, where room is scarcest, and the 10-inch panel in
French at half its size. `chevet-kiosk draw --all` draws every screen in every way, as large as it is.
"""

from dataclasses import dataclass
from pathlib import Path
from types import ModuleType

import pygame

from kiosk.journey.views import ConfirmStopView, Frame, PlayingView, RestView, View
from kiosk.screen.gallery import GROUPS, samples, small_png
from kiosk.screen.gallery.sample import Say
from kiosk.screen.painter import Painter

SIZES = ((1280, 800), (800, 480))
BYTES_MAX = 6 * 1024 * 1024


@dataclass(frozen=True)
class Way:
    """One way of drawing every screen. shown_px: the width in the page's own picture, None: as it is."""

    language: str
    size: tuple[int, int]
    night: bool = False
    shown_px: int | None = None

    @property
    def name(self) -> str:
        return f"{self.language}-{'night' if self.night else 'day'}-{self.size[0]}x{self.size[1]}"


EVERY = tuple(Way(language, size, night) for language in ("fr", "en") for size in SIZES for night in (False, True))
IN_DOCS = (
    Way("fr", (800, 480)),
    Way("en", (800, 480)),
    Way("fr", (800, 480), night=True),
    Way("fr", (1280, 800), shown_px=640),
)


def frame_of(view: View, way: Way) -> Frame:
    """As on the box: the loudspeaker everywhere but where it must be still."""
    silent = isinstance(view, PlayingView | RestView | ConfirmStopView)
    return Frame(listen="" if silent else Say(way.language).words.aloud.listen, night=way.night)


def drawn(name: str, way: Way) -> pygame.Surface:
    """One screen in one way."""
    view = samples(way.language)[name].view
    surface = Painter(way.size).paint(view, None, frame_of(view, way)).surface
    if way.shown_px is None:
        return surface
    tall = way.size[1] * way.shown_px // way.size[0]
    return pygame.transform.smoothscale(surface, (way.shown_px, tall))


def draw_all(folder: Path, ways: tuple[Way, ...] = EVERY) -> int:
    """Every screen in each of these ways, exactly as the panel shows it. Returns how many pictures there are."""
    for way in ways:
        (folder / way.name).mkdir(parents=True, exist_ok=True)
        for name in samples(way.language):
            pygame.image.save(drawn(name, way), str(folder / way.name / f"{name}.png"))
    return sum(len(samples(way.language)) for way in ways)


def write(folder: Path) -> int:
    """The page and its pictures; those of screens that are no more go. Returns the size of all, in bytes."""
    kept = {folder / "README.md"}
    for way in IN_DOCS:
        (folder / way.name).mkdir(parents=True, exist_ok=True)
        for name in samples(way.language):
            picture = folder / way.name / f"{name}.png"
            _replace(picture, small_png.encoded(drawn(name, way)))
            kept.add(picture)
    _replace(folder / "README.md", index().encode())
    for stale in set(folder.rglob("*.png")) - kept:
        stale.unlink()
    return sum(one.stat().st_size for one in kept)


def _replace(path: Path, content: bytes) -> None:
    if not path.exists() or path.read_bytes() != content:
        path.write_bytes(content)


def index() -> str:
    """The page, in Markdown."""
    head = (
        "# The screens\n\n"
        "Every screen that the box shows, with the words that it says. Drawn by `make gallery` from the samples in\n"
        "`kiosk/screen/gallery/`; `tests/kiosk_screen/test_gallery.py` holds them to what the code draws today.\n"
        "Here: the 7-inch panel in both languages and by night, and the 10-inch panel at half its size.\n"
        "`make gallery` also draws every screen in all eight ways, as large as it is, into `var/gallery/`.\n"
    )
    return head + "".join(_group(group) for group in GROUPS)


def _group(group: ModuleType) -> str:
    title = (group.__doc__ or "").splitlines()[0].rstrip(".")
    return f"\n## {title}\n" + "".join(_screen(name) for name in group.samples(Say("fr")))


def _screen(name: str) -> str:
    pictures = " ".join(f'<img src="{way.name}/{name}.png" width="390" alt="{name}, {way.name}">' for way in IN_DOCS)
    return f"\n### {name}\n\n{samples()[name].caption}\n\n{pictures}\n"
