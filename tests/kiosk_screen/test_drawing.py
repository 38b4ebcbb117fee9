"""Every screen of the gallery, at both sizes: sizes, spaces, words, and the repainting of only what changed."""

from dataclasses import replace
from pathlib import Path

import pygame
import pytest

from kiosk.journey import views
from kiosk.journey.views import Frame, Layer, View
from kiosk.screen import gallery, text, theme
from kiosk.screen.around import BAND_PX
from kiosk.screen.geometry import Rect
from kiosk.screen.painter import Painter, laid_out
from kiosk.screen.port import ScreenError, Target
from kiosk.screen.sheet import Sheet
from kiosk.screen.theme import PANELS, TEXT_PAIRS, Panel, by_night, contrast, panel_of
from kiosk.words import LANGUAGES

SCREENS = [
    pytest.param(sample.view, panel, id=f"{name}-{language}-{panel.width_px}")
    for language in LANGUAGES
    for name, sample in gallery.samples(language).items()
    for panel in PANELS
]
on_every_screen = pytest.mark.parametrize(("view", "panel"), SCREENS)
SILENT = (views.PlayingView, views.ConfirmStopView, views.RestView)
"""Nothing is read aloud over a care or in the dark: no loudspeaker."""


def framed(view: View, *, night: bool = False) -> Frame:
    """The most that can stand around this screen."""
    return Frame(listen="" if isinstance(view, SILENT) else "Écouter", training="Formation", night=night)


def laid(view: View, panel: Panel) -> Sheet:
    return laid_out(view, panel.size, frame=framed(view))


def fixed(view: View, panel: Panel) -> list[Target]:
    """All targets but keys and the dark screen that is one target."""
    return [one for one in laid(view, panel).targets if not one.name.startswith("key:") and one.name != "wake"]


@pytest.mark.parametrize("panel", PANELS, ids=lambda panel: str(panel.width_px))
@pytest.mark.parametrize("value", range(11))
def test_no_button_lies_over_the_number_of_an_answer(value: int, panel: Panel) -> None:
    for cone in (gallery.PAIN, gallery.PLEASURE):
        sheet = laid(replace(cone, value=value, word="Petit plaisir"), panel)
        buttons = [one.rect for one in sheet.targets if one.name != "cone"]
        for words in sheet.words:
            touched = [one for one in buttons if one.overlaps(words)]
            assert not touched or words.clipped(touched[0]) == words, f"{words} beneath {touched}"


@pytest.mark.parametrize("pair", TEXT_PAIRS, ids="-on-".join)
def test_words_stand_out_from_their_ground(pair: tuple[str, str]) -> None:
    assert contrast(*pair) >= 7


@pytest.mark.parametrize("pair", [pair for pair in TEXT_PAIRS if theme.NIGHT not in pair[0]], ids="-on-".join)
def test_at_night_they_stand_out_as_much(pair: tuple[str, str]) -> None:
    words, ground = pair
    if theme.is_light(ground) or ground in (theme.TEAL, theme.TEAL_DEEP, theme.INK):
        assert contrast(by_night(words), by_night(ground)) >= 7


def test_contrast_is_that_of_wcag() -> None:
    assert contrast("#000000", "#FFFFFF") == pytest.approx(21)
    assert contrast("#777777", "#FFFFFF") == pytest.approx(4.48, abs=0.01)


@pytest.mark.parametrize("ramp", [theme.INTENSE, theme.PLEASANT])
def test_the_order_of_a_ramp_reads_in_grey(ramp: tuple[str, ...]) -> None:
    tones = [theme.luminance(colour) for colour in ramp]
    assert len(ramp) == 11
    assert tones == sorted(tones, reverse=True)


@on_every_screen
def test_targets_are_large_enough(view: View, panel: Panel) -> None:
    for target in fixed(view, panel):
        assert target.rect.w >= 20 * panel.px_per_mm_x, target
        assert target.rect.h >= 20 * panel.px_per_mm_y, target


@on_every_screen
def test_targets_are_apart_and_on_the_screen(view: View, panel: Panel) -> None:
    targets = fixed(view, panel)
    for index, one in enumerate(targets):
        assert one.rect.clipped(panel.bounds) == one.rect, one
        for other in targets[index + 1 :]:
            assert apart(one.rect, other.rect, panel), (one, other)


def apart(one: Rect, other: Rect, panel: Panel) -> bool:
    across = max(other.x - one.right, one.x - other.right)
    down = max(other.y - one.bottom, one.y - other.bottom)
    return across >= 3 * panel.px_per_mm_x or down >= 3 * panel.px_per_mm_y


@pytest.mark.parametrize("panel", PANELS)
@pytest.mark.parametrize("layer", ["letters", "capitals", "symbols"])
def test_keys_are_large_enough_and_never_overlap(panel: Panel, layer: Layer) -> None:
    view = replace(gallery.COMMENT, layer=layer)
    targets = laid_out(view, panel.size).targets
    keys = [target for target in targets if target.name.startswith("key:")]
    mm = 18 if panel.large else 12
    assert len({key.name for key in keys}) == len(keys) == 39
    for key in keys:
        assert key.rect.w >= mm * panel.px_per_mm_x, key
        assert key.rect.h >= mm * panel.px_per_mm_y, key
        assert not [one for one in targets if one != key and one.rect.overlaps(key.rect)]


@pytest.mark.parametrize("panel", PANELS)
def test_every_french_letter_can_be_written(panel: Panel) -> None:
    layers = [
        laid_out(replace(gallery.COMMENT, layer=layer), panel.size) for layer in ("letters", "capitals", "symbols")
    ]
    names = {target.name.removeprefix("key:") for page in layers for target in page.targets}
    wanted = set("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZéèàçùÉÈÀÇÙêâîôûëïœ0123456789’,.?!-:;() ")
    assert wanted <= names
    assert {"backspace", "shift", "symbols"} <= names


@on_every_screen
def test_no_word_is_cut(view: View, panel: Panel) -> None:
    assert [piece.cut for piece in laid(view, panel).pieces if piece.cut] == []


@on_every_screen
def test_no_word_is_broken(view: View, panel: Panel) -> None:
    """A hyphen at the end of a line is ours: no word of the box has one there (a language of longer words may)."""
    if view is gallery.LONG_CONE:
        return
    keys = [p.key[0] if isinstance(p.key, tuple) else p.key for p in laid(view, panel).pieces]
    lines = [line for one in keys if isinstance(one, text.Laid) for line in one.lines]
    assert [line for line in lines if line.endswith("-") and len(line) > 1] == []


@on_every_screen
def test_words_neither_overlap_nor_leave_the_screen(view: View, panel: Panel) -> None:
    page = laid(view, panel)
    words, within = page.words, panel.bounds.inset(BAND_PX, 0)
    heard = [target.rect for target in page.targets if target.name == "listen"]
    for index, one in enumerate(words):
        assert one.clipped(within) == one, one
        assert not [place for place in heard if place.overlaps(one)], one
        for other in words[index + 1 :]:
            shared = one.clipped(other)
            assert shared.w <= 2 or shared.h <= panel.floor_px * 0.45, (one, other)


@on_every_screen
def test_no_type_is_under_five_millimetres(view: View, panel: Panel) -> None:
    for piece in laid(view, panel).pieces:
        words = piece.key[0] if isinstance(piece.key, tuple) else piece.key
        if isinstance(words, text.Laid):
            assert words.size_px >= 5 * panel.px_per_mm_y, words


@pytest.mark.parametrize("panel", PANELS)
def test_painting_only_what_changed_gives_the_same_picture(panel: Panel) -> None:
    painter = Painter(panel.size)
    for view in [*gallery.VIEWS.values(), *reversed(gallery.VIEWS.values())]:
        painter.paint(view)
        assert same(painter.surface, gallery.draw(view, panel.size))
    for value in (6, 7, 2, 10, 0):
        view = replace(gallery.PAIN, value=value, word="Douleur moyenne")
        painter.paint(view)
        assert same(painter.surface, gallery.draw(view, panel.size))


def same(one: pygame.Surface, other: pygame.Surface) -> bool:
    return bool(one.get_buffer().raw == other.get_buffer().raw)


def test_a_touch_on_the_cone_repaints_a_part() -> None:
    painter = Painter((1280, 800))
    first = painter.paint(replace(gallery.PAIN, value=6, word="Douleur moyenne"))
    assert first.changed == (painter.panel.bounds,)
    again = painter.paint(replace(gallery.PAIN, value=6, word="Douleur moyenne"))
    assert again.changed == ()
    next_one = painter.paint(replace(gallery.PAIN, value=7, word="Douleur forte"))
    assert 0 < sum(rect.w * rect.h for rect in next_one.changed) < 1280 * 800 / 4


def test_a_pressed_button_looks_pressed_and_comes_back() -> None:
    painter = Painter((800, 480))
    painter.paint(gallery.HOME)
    pressed = painter.paint(gallery.HOME, "help")
    assert len(pressed.changed) == 1
    painter.paint(gallery.HOME)
    assert same(painter.surface, gallery.draw(gallery.HOME, (800, 480)))


def test_a_pressed_key_is_shown_large_above_the_finger() -> None:
    painter = Painter((800, 480))
    painter.paint(gallery.WRITTEN)
    key = next(one for one in laid_out(gallery.WRITTEN, (800, 480)).targets if one.name == "key:V")
    changed = painter.paint(gallery.WRITTEN, "key:V").changed
    assert any(rect.y < key.rect.y - 60 for rect in changed)


@pytest.mark.parametrize("panel", PANELS)
def test_the_dark_screen_is_one_target(panel: Panel) -> None:
    assert [one.rect for one in laid_out(gallery.VIEWS["rest"], panel.size).targets] == [panel.bounds]


@pytest.mark.parametrize("panel", PANELS)
def test_dimmed_the_buttons_come_before_waking(panel: Panel) -> None:
    from kiosk.screen.touch import target_at

    targets = tuple(laid_out(gallery.VIEWS["playing-dim"], panel.size).targets)
    for name in ("softer", "louder", "stop"):
        button = next(one for one in targets if one.name == name)
        assert target_at(targets, *button.rect.center) == button
    elsewhere = target_at(targets, panel.width_px // 2, 10)
    assert elsewhere is not None
    assert elsewhere.name == "wake"


def test_too_many_tiles_are_refused() -> None:
    with pytest.raises(ScreenError, match="offer fewer"):
        laid_out(replace(gallery.CHOOSING, tiles=gallery.SIX * 2), (800, 480))


def test_another_size_is_refused() -> None:
    with pytest.raises(ScreenError, match="1280x800 or 800x480"):
        panel_of((1024, 600))


def test_pictures_are_saved_without_a_display(tmp_path: Path) -> None:
    paths = gallery.save_all(tmp_path, (800, 480))
    assert len(paths) == len(gallery.VIEWS)
    assert all(path.stat().st_size > 1000 for path in paths)


@pytest.mark.parametrize("panel", PANELS)
def test_the_faces_of_a_good_week_go_from_trouble_to_ease(panel: Panel) -> None:
    """« Très bien » under the face of the worst pain would be an answer turned round."""
    week = gallery.samples("fr")["faces-week"].view
    assert isinstance(week, views.ScaleView)

    def warmth(view: views.ScaleView) -> list[int]:
        """Of the skin at the forehead: the more trouble, the more red over blue."""
        page, surface = laid(view, panel), gallery.draw(view, panel.size)
        cards = [one.rect for one in page.targets if one.name.startswith("option:")]
        at = [surface.get_at((card.center[0], card.y + card.w // 5)) for card in cards]
        return [colour.r - colour.b for colour in at]

    good, pain = warmth(week), warmth(replace(week, ramp="intense"))
    assert good == sorted(good, reverse=True)
    assert good[0] > good[-1]
    assert pain == sorted(pain)
    assert pain[0] < pain[-1]
