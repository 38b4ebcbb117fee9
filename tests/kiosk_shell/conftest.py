"""One kiosk at a bedside, with a plan that came over the wire."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.shell import Bedside
from tests.support.wire import Wire


@pytest.fixture
def bedside(tmp_path: Path) -> Iterator[Bedside]:
    wire = Wire(tmp_path)
    wire.settle_down()
    bedside = Bedside(tmp_path, wire)
    bedside.prescribe()
    yield bedside
    bedside.stop()
    bedside.window.close()
    bedside.button.close()
    wire.close()
