"""Who is served is started again when it ends by itself, and by nobody once it was killed."""

import shutil
from pathlib import Path

import pytest

from tests.campaign.served import TRIES, Served
from tests.support.process import ProcessError

FIRST_TIME = 'if [ -e "$0.been" ]; then echo ready; exec sleep 600; fi; touch "$0.been"'


def served(folder: Path, script: str) -> Served:
    file = folder / "script"
    file.write_text(script)
    return Served("one", ["sh", str(file)], "ready", folder / "log", {}, again_s=0.0)


def test_one_that_ends_before_it_is_ready_is_waited_for(tmp_path: Path) -> None:
    one = served(tmp_path, FIRST_TIME)
    one.launch()
    try:
        assert one.wait_ready() == "ready"
        assert one.again == 1
        assert one.running()
    finally:
        one.kill()
    assert not one.running()


@pytest.mark.skipif(shutil.which("setpriv") is None, reason="no setpriv here: apt-get install util-linux")
def test_one_that_must_end_with_us_is_started_again_once(tmp_path: Path) -> None:
    """The kernel kills it with the thread that has started it: that one must stay."""
    script = tmp_path / "script"
    script.write_text(FIRST_TIME.replace("echo ready", "sleep 0.3; echo ready"))
    command = ["setpriv", "--pdeathsig", "KILL", "--", "sh", str(script)]
    one = Served("one", command, "ready", tmp_path / "log", {}, again_s=0.0)
    one.launch()
    try:
        assert one.wait_ready() == "ready"
        assert one.again == 1
    finally:
        one.kill()


def test_one_that_does_not_start_any_more_is_helped_once(tmp_path: Path) -> None:
    spoilt = tmp_path / "spoilt"
    spoilt.touch()
    script = tmp_path / "script"
    script.write_text(f'[ -e "{spoilt}" ] && exit 1; echo ready; exec sleep 600')
    one = Served("one", ["sh", str(script)], "ready", tmp_path / "log", {}, again_s=0.0, remedy=spoilt.unlink)
    one.launch()
    try:
        assert one.wait_ready() == "ready"
        assert (one.again, one.remedied) == (TRIES, 1)
    finally:
        one.kill()


def test_one_that_was_killed_stays_dead(tmp_path: Path) -> None:
    one = served(tmp_path, "echo ready; exec sleep 600")
    one.start()
    one.kill()
    assert (one.again, one.running()) == (0, False)
    one.launch()
    assert one.wait_ready() == "ready"
    one.kill()
    assert one.again == 0


def test_one_that_never_serves_is_an_error(tmp_path: Path) -> None:
    one = served(tmp_path, "exec sleep 600")
    one.launch()
    with pytest.raises(ProcessError, match="one did not start"):
        one.wait_ready(1.0)
    assert not one.running()
