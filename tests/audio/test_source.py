"""The thread that decodes ahead, on real files."""

import os
import threading
import time
from pathlib import Path

from audio.package import read
from audio.player.source import CLOSE_S_MAX, DecodeAhead
from tests.support.paced.package import make_package


def test_a_card_that_no_longer_answers_does_not_keep_the_loop(tmp_path: Path) -> None:
    package = read(make_package(tmp_path / "package"))
    part = package.path / package.manifest.parts[0].file
    part.unlink()
    os.mkfifo(part)  # opening it waits for ever, as a dying card does
    source = DecodeAhead(package, block_ms=100, ahead_ms=1000)
    before = time.monotonic()
    source.close()
    assert time.monotonic() - before < CLOSE_S_MAX + 20  # for ever, were it to wait for the card
    os.close(os.open(part, os.O_RDWR | os.O_NONBLOCK))  # lets the thread go
    while decoding():
        time.sleep(0.01)


def test_closing_in_the_middle_ends_the_thread(tmp_path: Path) -> None:
    source = DecodeAhead(read(make_package(tmp_path / "package", seconds=30)), block_ms=100, ahead_ms=1000)
    source.prime()
    assert decoding()
    source.close()
    assert not decoding()


def decoding() -> bool:
    return "decode-ahead" in {thread.name for thread in threading.enumerate()}
