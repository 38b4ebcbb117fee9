"""A real X server for the tests that need one, and its framebuffer as memory."""

from collections.abc import Iterator

import pytest

from tests.support.display import Display, watched_screen


@pytest.fixture(scope="session")
def xvfb(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Display]:
    """A fresh display of 1280x800, its number chosen free by the server itself."""
    with watched_screen(tmp_path_factory.mktemp("framebuffer"), (1280, 800)) as display:
        yield display
