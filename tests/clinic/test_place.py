"""The place of an ingest process: its own while it lives, the same again after a restart."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from clinic.errors import HomeError
from clinic.home import Home
from clinic.ingest.place import PLACES_MAX, Place

HOLD = """
import sys, time
from pathlib import Path
from clinic.home import Home
from clinic.ingest.place import Place
print(Place.take(Home(Path(sys.argv[1]))).number, flush=True)
time.sleep(60)
"""


@pytest.fixture
def home(tmp_path: Path) -> Home:
    made = Home(tmp_path)
    made.ingest.mkdir()
    return made


def test_each_process_has_a_client_id_of_its_own_and_the_same_again(home: Home) -> None:
    first, second = Place.take(home), Place.take(home)
    names = [first.client_id("maison"), second.client_id("maison")]
    assert len(set(names)) == 2
    assert all(set(name) <= set("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-") for name in names)
    first.close()
    again = Place.take(home)
    assert again.client_id("maison") == names[0]
    for place in (again, second):
        place.close()


def test_a_killed_process_gives_its_place_back(home: Home) -> None:
    other = subprocess.Popen([sys.executable, "-c", HOLD, str(home.folder)], stdout=subprocess.PIPE, text=True)
    with other:
        assert other.stdout is not None
        assert other.stdout.readline() == "1\n"
        mine = Place.take(home)
        assert mine.number == 2
        os.kill(other.pid, signal.SIGKILL)
    after = Place.take(home)
    assert after.number == 1
    for place in (mine, after):
        place.close()


def test_there_is_an_end_to_them(home: Home) -> None:
    taken = [Place.take(home) for _ in range(PLACES_MAX)]
    with pytest.raises(HomeError, match="stop one"):
        Place.take(home)
    for place in taken:
        place.close()
