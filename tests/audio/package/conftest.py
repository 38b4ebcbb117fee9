"""Folders in memory: an installation flushes each file, and a busy disk of a test machine may take seconds for each."""

import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

MEMORY = Path("/dev/shm")


@pytest.fixture
def tmp_path() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="chevet-test-", dir=MEMORY if MEMORY.is_dir() else None) as folder:
        yield Path(folder)
