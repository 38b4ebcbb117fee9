"""The fake window behaves like the real one."""

import select
from dataclasses import replace

import pytest

from kiosk.screen import gallery
from kiosk.screen.fake import FakeWindow
from kiosk.screen.place import place
from kiosk.screen.port import PointerDown, PointerUp, ScreenError, Window
from kiosk.screen.touch import Hand, Touch, feel


def touched(window: FakeWindow, name: str, value: int | None = None) -> Touch | None:
    window.touch(name, value)
    hand, touch = Hand(), None
    for one in window.inputs():
        assert isinstance(one, PointerDown | PointerUp)
        hand, touch = feel(hand, one, window.targets(), 1000)
    return touch


def test_it_remembers_and_can_be_touched_by_name() -> None:
    window: Window = FakeWindow((800, 480))
    window.show(gallery.PAIN, 0)
    assert isinstance(window, FakeWindow)
    assert window.shown == [gallery.PAIN]
    assert [touched(window, "cone", height) for height in range(11)] == [Touch("cone", height) for height in range(11)]
    assert touched(window, "decline") == Touch("decline")
    with pytest.raises(ScreenError, match="there is back"):
        window.touch("stop")
    window.close()
    with pytest.raises(ScreenError, match="after close"):
        window.show(gallery.PAIN, 0)


def test_a_shell_can_wait_on_it() -> None:
    window = FakeWindow()
    assert select.select(window.filenos(), [], [], 0)[0] == []
    window.press_button()
    assert select.select(window.filenos(), [], [], 0)[0] == window.filenos()
    assert len(window.inputs()) == 2
    assert select.select(window.filenos(), [], [], 0)[0] == []
    window.close()


def test_only_playing_moves() -> None:
    window = FakeWindow()
    window.show(gallery.HOME, 0)
    assert window.next_frame_ms(0) is None
    window.show(gallery.PLAYING, 10)
    assert window.next_frame_ms(10) == 0
    window.animate(10)
    window.animate(20)
    assert window.frames == 1
    window.close()


def test_an_answer_is_the_same_place_and_another_question_is_not() -> None:
    assert place(gallery.PAIN) == place(replace(gallery.PAIN, value=3, word="Douleur faible"))
    assert place(gallery.PAIN) != place(gallery.PLEASURE)
    assert place(gallery.COMMENT) == place(replace(gallery.COMMENT, text="a", layer="symbols"))
    assert place(gallery.PLAYING) == place(replace(gallery.PLAYING, dim=True))
    assert len({place(view) for view in (gallery.HOME, gallery.RESTFUL, gallery.CHOOSING, gallery.TEXT)}) == 4
