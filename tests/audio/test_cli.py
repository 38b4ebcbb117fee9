"""chevet-audio as a person or a machine meets it."""

import argparse
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from audio.cli import main, parser
from audio.package import hold
from tests.audio.package.signed import make_keys
from tests.support.paced.machine import PacedDevice, paced_device
from tests.support.paced.package import decoded, make_package
from tests.support.paced.player import start_player

PACKAGES = {"draft", "build", "check", "info", "list", "sign", "pack", "install", "remove"}


def test_every_command_teaches_by_an_example(capsys: pytest.CaptureFixture[str]) -> None:
    (subs,) = (action for action in parser()._actions if isinstance(action, argparse._SubParsersAction))
    assert set(subs.choices) == PACKAGES | {"devices", "play", "render", "player", "status", "speak", "sessions"}
    for name in subs.choices:
        with pytest.raises(SystemExit):
            main([name, "--help"])
        assert f"chevet-audio {name}" in capsys.readouterr().out.split("example:")[1]


def test_check_and_info(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    package = make_package(tmp_path / "package")
    assert main(["check", str(package), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["state"] == "whole"
    assert main(["info", str(package)]) == 0
    assert "relaxation" in capsys.readouterr().out


def test_from_the_maker_to_the_box(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    keys = make_keys(tmp_path)
    package, archive, into = make_package(tmp_path / "p", seconds=1), tmp_path / "p.chevet", tmp_path / "packages"
    install = ["install", str(archive), "--into", str(into), "--clinic-key", str(keys.public), "--json"]
    assert main(["sign", str(package), "--key", str(keys.secret), "--clinic", "evreux", "--expires", "2999-01-01"]) == 0
    assert main(["pack", str(package), str(archive)]) == 0
    assert main(["check", str(archive), "--clinic-key", str(keys.public), "--listen"]) == 0
    assert capsys.readouterr().out.splitlines()[-1] == "whole, as loud as it says, signed by evreux"
    assert main(["info", str(archive), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["clinic"] == "evreux"
    assert main(install) == 0
    told = json.loads(capsys.readouterr().out)
    assert (told["outcome"], told["id"], told["clinic"]) == ("installed", "test", "evreux")
    assert main(install) == 0
    assert json.loads(capsys.readouterr().out)["outcome"] == "already"
    assert main(["list", str(into), "--json"]) == 0
    (entry,) = json.loads(capsys.readouterr().out)["packages"]
    assert (entry["fingerprint"], entry["in_use"], entry["clinic"]) == (told["fingerprint"], False, "evreux")
    with hold(into / "test"):
        assert main(["remove", "test", "--from", str(into), "--json"]) == 75
        assert json.loads(capsys.readouterr().out)["error"] == "package-in-use"
        assert main(["list", str(into)]) == 0
        assert "in use" in capsys.readouterr().out
    assert main(["remove", "test", "--from", str(into)]) == 0
    assert main(["list", str(into)]) == 0
    assert "no package here" in capsys.readouterr().out


def test_a_damaged_package_is_listed_as_such(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    make_package(tmp_path / "packages" / "whole")
    (tmp_path / "packages" / "broken").mkdir()
    assert main(["list", str(tmp_path / "packages")]) == 0
    out = capsys.readouterr().out
    assert "cannot be read [manifest-missing]" in out
    assert main(["list", str(tmp_path / "none")]) == 1


def test_folders_with_names_that_nothing_can_print_are_listed(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / os.fsdecode(b"caf\xe9")).mkdir()
    (tmp_path / "\x1b[2J").mkdir()
    assert main(["list", str(tmp_path), "--json"]) == 0
    listed = json.loads(capsys.readouterr().out)["packages"]
    assert [one["id"] for one in listed] == ["\\x1b[2J", "caf\\udce9"]


def test_nothing_is_taken_in_without_saying_who_answers(tmp_path: Path) -> None:
    with pytest.raises(SystemExit) as left:
        main(["install", str(make_package(tmp_path / "p")), "--into", str(tmp_path / "packages")])
    assert left.value.code == 2


def test_an_error_is_one_line_with_its_remedy(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", str(tmp_path)]) == 1
    (line,) = capsys.readouterr().err.splitlines()
    assert "[manifest-missing]" in line


def test_a_gain_above_the_cap_is_wrong_usage(tmp_path: Path) -> None:
    with pytest.raises(SystemExit) as left:
        main(["play", str(tmp_path), "--gain-db", "3"])
    assert left.value.code == 2


def test_settings_from_a_file_with_an_unknown_field(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "player.toml"
    file.write_text('device = "x"\npause_s = 3\n')
    assert main(["player", "--config", str(file)]) == 1
    assert "pause_s" in capsys.readouterr().err


def test_play_here_to_the_end(tmp_path: Path) -> None:
    device = paced_device(tmp_path / "device", speed=5)
    package = make_package(tmp_path / "package", seconds=3)
    file = tmp_path / "player.toml"
    file.write_text(f'device = "{device.name}"\nbuffer_ms = 2000\n')
    command = [sys.executable, "-m", "audio.cli", "play", str(package), "--config", str(file)]
    ran = subprocess.run(
        command, env={**os.environ, **device.environment}, capture_output=True, text=True, check=True, timeout=60
    )
    gaps = len(device.events("underrun"))  # of a busy machine, at this speed
    assert f"heard_whole: 144000 of 144000 frames, {gaps} gaps" in ran.stdout
    assert device.played() == decoded(package)


@pytest.mark.parametrize("moment", ["preparing", "playing"])
def test_play_here_until_ctrl_c(tmp_path: Path, moment: str) -> None:
    device = paced_device(tmp_path / "device")
    package = make_package(tmp_path / "package", seconds=30)
    if moment == "preparing":
        device.vanish()  # it waits for its card
    command = [sys.executable, "-m", "audio.cli", "play", str(package), "--device", device.name]
    environment = {**os.environ, **device.environment}
    with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True) as process:
        until_heard(process, device, moment)
        process.send_signal(signal.SIGINT)
        said, _ = process.communicate(timeout=60)
    assert said.startswith("stopped: ")


def until_heard(process: "subprocess.Popen[str]", device: PacedDevice, moment: str) -> None:
    threads = Path(f"/proc/{process.pid}/task")
    while not (device.events("start") if moment == "playing" else len(list(threads.iterdir())) > 1):
        assert process.poll() is None
        time.sleep(0.02)


def test_devices_are_named(tmp_path: Path) -> None:
    device = paced_device(tmp_path / "device")
    command = [sys.executable, "-m", "audio.cli", "devices", "--json"]
    ran = subprocess.run(
        command, env={**os.environ, **device.environment}, capture_output=True, text=True, check=True, timeout=60
    )
    assert "devices" in json.loads(ran.stdout)


def test_status(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with start_player(tmp_path / "player") as player:
        assert main(["status", "--socket", str(player.socket), "--json"]) == 0
        assert json.loads(capsys.readouterr().out)["phase"] == "idle"
    assert main(["status", "--socket", str(tmp_path / "none")]) == 1
    assert "systemctl status" in capsys.readouterr().err
