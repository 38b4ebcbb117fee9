"""Ingest as it was before form 2 of letters, with today's everything else: what the bytes of JSON are counted beside.

python -m tests.bench.wire.ingest_of_before HOME
"""

import argparse
import sys

from clinic.commands.common import open_home, say
from tests.support.ages import OldClinicEnd


def main(folder: str) -> int:
    home, _ = open_home(argparse.Namespace(home=folder))
    from clinic.ingest.main import run

    return run(home, say, OldClinicEnd)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
