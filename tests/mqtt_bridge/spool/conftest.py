"""A shelf that may lie, and the box’s half that fetches from it."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.lying_shelf import LyingShelf, lying_shelf
from tests.support.spooling import SpoolBench


@pytest.fixture
def shelf(tmp_path: Path) -> Iterator[LyingShelf]:
    with lying_shelf(tmp_path / "clinic") as shelf:
        yield shelf


@pytest.fixture
def bench(tmp_path: Path, shelf: LyingShelf) -> Iterator[SpoolBench]:
    bench = SpoolBench(tmp_path, shelf)
    yield bench
    bench.stop()
