"""The mirror waits for nobody: who does not read, who comes in crowds, who is gone."""

import json
import select
import socket
import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from kiosk.journey.views import TextView
from kiosk.shell.mirror import LISTENERS_MAX, Mirror

DEADLINE_S = 30.0
LONG = TextView("Titre", "", "x" * 100_000, "Continuer", "Retour", 1, 2)


@pytest.fixture
def mirror(tmp_path: Path) -> Iterator[Mirror]:
    mirror = Mirror(tmp_path / "mirror.sock")
    yield mirror
    mirror.close()


def listener(tmp_path: Path) -> socket.socket:
    found = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    found.connect(str(tmp_path / "mirror.sock"))
    return found


def ended(listener: socket.socket) -> bool:
    """Whether the mirror has let it go; what it had sent before is read and forgotten."""
    listener.setblocking(False)
    try:
        while True:
            if not listener.recv(1 << 20):
                return True
    except BlockingIOError:
        return False
    except ConnectionResetError:
        return True


def test_a_listener_that_does_not_read_is_dropped_and_the_kiosk_goes_on(mirror: Mirror, tmp_path: Path) -> None:
    deaf = listener(tmp_path)
    mirror.welcome()

    def show_much() -> None:
        for _ in range(100):  # ten megabytes: more than any socket keeps
            mirror.show(LONG, ())

    kiosk = threading.Thread(target=show_much, daemon=True)
    kiosk.start()
    kiosk.join(DEADLINE_S)
    assert not kiosk.is_alive(), "the kiosk waits for a listener"
    assert ended(deaf)
    deaf.close()


def test_who_reads_sees_every_screen_the_present_one_first(mirror: Mirror, tmp_path: Path) -> None:
    mirror.show(LONG, ())
    reader = listener(tmp_path)
    mirror.welcome()
    assert select.select([reader], [], [], DEADLINE_S)[0]
    with reader.makefile("rb") as lines:
        assert json.loads(lines.readline())["view"]["page"] == 1
        mirror.show(replace(LONG, page=2), ())
        assert json.loads(lines.readline())["view"]["page"] == 2
    reader.close()


def test_a_crowd_is_not_let_in(mirror: Mirror, tmp_path: Path) -> None:
    crowd = []
    for _ in range(LISTENERS_MAX + 1):
        crowd.append(listener(tmp_path))
        mirror.welcome()
    assert [ended(one) for one in crowd] == [False] * LISTENERS_MAX + [True]
    for one in crowd:
        one.close()


def test_who_has_gone_takes_nobodys_place(mirror: Mirror, tmp_path: Path) -> None:
    for _ in range(LISTENERS_MAX):
        gone = listener(tmp_path)
        mirror.welcome()
        gone.close()
    late = listener(tmp_path)
    mirror.welcome()
    assert not ended(late)
    late.close()
