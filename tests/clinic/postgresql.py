"""A real PostgreSQL for tests, started on a socket in a temporary folder; and the clinic's suite on it.

    python -m tests.clinic.postgresql [words for pytest]

runs every test of tests/clinic that stands on Django's databases, a quarter of an hour; what of it runs with every
`make test` is named in test_on_postgresql.py.
"""

import contextlib
import os
import pwd
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

HERE = Path(__file__).parent


def _programs() -> Path | None:
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    return found[-1].parent if found else None


def _as_other_user() -> list[str]:
    """initdb refuses root: the account of Debian's package, or any that is not root."""
    if os.geteuid() != 0:
        return []
    names = {entry.pw_name for entry in pwd.getpwall()}
    return [
        "setpriv",
        f"--reuid={'postgres' if 'postgres' in names else 'nobody'}",
        "--regid=nogroup",
        "--clear-groups",
    ]


def _must(command: list[str], log: Path | None = None) -> None:
    """Run it; what it said, and the server, when it fails. Its output is a file: a server keeps a pipe open."""
    with tempfile.TemporaryFile("w+") as said:
        ran = subprocess.run(command, stdout=said, stderr=said, check=False, cwd="/")
        said.seek(0)
        more = log.read_text() if log and log.exists() else ""
        assert ran.returncode == 0, f"{command[-1]}: {said.read()}{more}"


@contextlib.contextmanager
def cluster_of_its_own() -> Iterator[str | None]:
    """The URL of a database of a running cluster, without its `{name}`; None: no server is installed here.

    Sockets only: no port is taken.
    """
    programs = _programs()
    if programs is None:
        yield None
        return
    folder = Path(tempfile.mkdtemp(prefix="chevet-pg-"))
    folder.chmod(0o777)
    user = _as_other_user()
    data = folder / "data"
    try:
        make = [str(programs / "initdb"), "-D", str(data), "-U", "chevet", "-A", "trust", "-E", "UTF8", "--no-sync"]
        _must([*user, *make])
        options = f"-c listen_addresses='' -k {folder} -c fsync=off"
        control = [*user, str(programs / "pg_ctl"), "-D", str(data), "-w", "-t", "120", "-s"]
        _must([*control, "-l", str(folder / "log"), "-o", options, "start"], log=folder / "log")
        try:
            yield f"postgresql://chevet@/{{name}}?host={folder}"
        finally:
            subprocess.run([*control, "-m", "immediate", "stop"], check=False, cwd="/")
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def databases_on(cluster: str) -> dict[str, str]:
    """What tells the tests' settings to stand on it."""
    urls = {"CHEVET_DATABASE_URL": "chevet", "CHEVET_AUDIT_DATABASE_URL": "chevet_audit"}
    return {variable: cluster.format(name=name) for variable, name in urls.items()}


def on_databases() -> list[Path]:
    """The files of tests that stand on Django's databases."""
    return [file for file in sorted(HERE.glob("test_*.py")) if "pytest.mark.django_db" in file.read_text()]


def main(words: Sequence[str]) -> int:
    with cluster_of_its_own() as cluster:
        if cluster is None:
            print("no PostgreSQL server here: apt-get install postgresql", file=sys.stderr)
            return 1
        files = [] if any(word.startswith("tests/") for word in words) else [str(file) for file in on_databases()]
        command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *files, *words]
        return subprocess.run(command, env={**os.environ, **databases_on(cluster)}, check=False).returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
