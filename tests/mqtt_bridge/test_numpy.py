"""numpy may be installed on a box (Debian's pygame brings it): no process of ours carries its weight."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

PROCESSES = {
    "kiosk": "kiosk.cli, kiosk.shell.process, kiosk.screen.window, audio.client",
    "link": "mqtt_bridge.cli, mqtt_bridge.link.process, mqtt_bridge.mqtt.paho",
    "player": "audio.cli, audio.player.process, audio.player.alsa",
}
ASK = """
import importlib.util
import sqlite3, sys
import {modules}
if {uses_sqlite}:
    from mqtt_bridge.database import open_writer
    from pathlib import Path
    database = open_writer(Path(sys.argv[1]) / "x.db")
    with database.atomic():
        database.table("note").insert({{"id": 1, "words": "x"}})
    database.close()
assert importlib.util.find_spec("numpy"), "the test's own numpy is not found"
print(sorted(name for name in sys.modules if name.split(".")[0] == "numpy"))
"""


@pytest.mark.parametrize("process", PROCESSES)
def test_an_installed_numpy_is_not_loaded(process: str, tmp_path: Path) -> None:
    numpy = tmp_path / "site" / "numpy"
    numpy.mkdir(parents=True)
    (numpy / "__init__.py").write_text("int8 = int16 = int32 = int64 = float16 = float32 = float64 = int\n")
    program = ASK.format(modules=PROCESSES[process], uses_sqlite=process != "player")
    paths = [str(tmp_path / "site"), str(Path(__file__).parents[2])]
    done = subprocess.run(
        [sys.executable, "-c", program, str(tmp_path)],
        env={**os.environ, "PYTHONPATH": os.pathsep.join(paths), "PYGAME_HIDE_SUPPORT_PROMPT": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.stdout.strip(), done.returncode) == ("[]", 0), done.stderr


def test_a_numpy_that_somebody_loaded_before_stays(tmp_path: Path) -> None:
    program = "import sys, types; sys.modules['numpy'] = mine = types.ModuleType('numpy'); "
    program += "from mqtt_bridge.sqlite import without\n"
    program += "with without('numpy'): pass\nassert sys.modules['numpy'] is mine\n"
    program += "with without('json.tool'): assert sys.modules['json.tool'] is None\nimport json.tool"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
