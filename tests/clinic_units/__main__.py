"""`make clinic-units`: prints what was looked at; 1 when something was not as it should be, or was not come to."""

import os
import subprocess
import sys
import sysconfig
import tempfile
from pathlib import Path

HOUSE = Path(__file__).parents[2]
SECONDS_MAX = 1500


def main() -> int:
    debians = subprocess.run(("/usr/bin/python3", "--version"), capture_output=True, text=True, check=True).stdout
    if os.getuid() != 0 or not debians.startswith(f"Python {sys.version_info.major}.{sys.version_info.minor}."):
        print(f"clinic-units: as root, and where /usr/bin/python3 ({debians.strip()}) is of this Python's version")
        return 1
    with tempfile.TemporaryDirectory() as folder:
        words = ("bash", str(HOUSE / "tests/clinic_units/apart.sh"), "begin", folder, str(HOUSE))
        subprocess.run((*words, sysconfig.get_path("purelib")), check=False, timeout=SECONDS_MAX)
        said = Path(folder) / "said"
        look = (said / "look").read_text() if (said / "look").exists() else "FAIL systemd did not come to it\n"
        print(look, end="")
        fine = look.endswith("looked\n") and "FAIL" not in look
        if not fine:
            print(*(path.read_text()[-3000:] for path in sorted(said.glob("*")) if path.name != "look"), sep="\n")
    return 0 if fine else 1


if __name__ == "__main__":
    sys.exit(main())
