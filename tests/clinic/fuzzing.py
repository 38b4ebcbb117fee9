"""`make fuzz`: hostile values in every field of every page, and drawn ones, on SQLite or on a real PostgreSQL."""

import argparse
import os
import subprocess
import sys
from contextlib import nullcontext

from tests.clinic.postgresql import cluster_of_its_own, databases_on

QUIET = ("-p", "no:cacheprovider", "--timeout", "0", "--log-level", "ERROR")
"""Each refusal is a warning that holds its request: pytest would keep them all, gigabytes of them."""
WHAT = ("tests/clinic/test_fuzz_pages.py", "tests/clinic/fuzz_pages.py")


def main() -> int:
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--examples", type=int, default=1000, help="drawn for each test (default: 1000)")
    asked.add_argument("--seed", type=int, default=20261129)
    asked.add_argument("--database", choices=("sqlite", "postgresql"), default="sqlite")
    told = asked.parse_args()
    environment = {**os.environ, "CHEVET_FUZZ_EXAMPLES": str(told.examples), "CHEVET_FUZZ_SEED": str(told.seed)}
    with cluster_of_its_own() if told.database == "postgresql" else nullcontext() as cluster:
        if cluster is not None:
            environment |= databases_on(cluster)
        elif told.database == "postgresql":
            print("no PostgreSQL server here: apt-get install postgresql", file=sys.stderr)
            return 1
        command = [sys.executable, "-m", "pytest", "-q", "-s", *QUIET, *WHAT]
        return subprocess.run(command, env=environment, check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
