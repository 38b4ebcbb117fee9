"""Inside, as root beside a real systemd: installs the clinic as systemd/README.md says, starts it, and looks.

It runs on Debian's Python and imports nothing of ours: the units alone start that. Each line says `ok` or `FAIL`.
"""

import ssl
import subprocess
import time
import urllib.request
from collections.abc import Callable
from pathlib import Path

HOUSE, HOME = Path("/opt/chevet/house"), Path("/srv/chevet")
COMMAND = Path("/opt/chevet/bin/chevet-clinic")
UNITS = ("chevet-ingest", "chevet-console", "chevet-shelf", "chevet-registrar")
PORTS = {"broker": 18883, "console": 18000, "shelf": 18443, "registrar": 18444}
READY_S_MAX, HUNG_S_MAX = 300.0, 420.0
START = """\
#!/bin/sh
PYTHONPATH=/opt/chevet/house:/opt/chevet/libraries PYTHONDONTWRITEBYTECODE=1 exec /usr/bin/python3 -m clinic.cli "$@"
"""
AS_THEM = ("runuser", "-u", "chevet-clinic", "--")


def run(*words: str) -> str:
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise SystemExit(f"FAIL {' '.join(words)}: {done.stdout}{done.stderr}")
    return done.stdout


def tell(fine: bool, name: str, detail: str) -> None:  # noqa: FBT001
    print(f"{'ok  ' if fine else 'FAIL'} {name}: {detail}", flush=True)


def shown(unit: str, key: str) -> str:
    return run("systemctl", "show", "--value", "-p", key, unit).strip()


def wait(seconds: float, reached: Callable[[], bool]) -> bool:
    until_s = time.monotonic() + seconds
    while not reached():
        if time.monotonic() > until_s:
            return False
        time.sleep(0.5)  # systemd's own state: asked, as a person asks
    return True


def all_active() -> bool:
    return all(shown(unit, "ActiveState") == "active" for unit in UNITS)


def install() -> None:
    COMMAND.write_text(START)
    COMMAND.chmod(0o755)
    systemd = HOUSE / "systemd"
    run("install", "-m", "644", str(systemd / "chevet-clinic.conf"), "/usr/lib/sysusers.d/")
    run("systemd-sysusers", "chevet-clinic.conf")
    run("install", "-d", "-m", "750", "-o", "chevet-clinic", "-g", "chevet-clinic", str(HOME))
    ports = [word for name, port in PORTS.items() for word in (f"--{name}-port", str(port))]
    init = ("init", "--home", str(HOME), "--clinic", "demo", "--demonstration", "--broker-host", "127.0.0.1")
    run(*AS_THEM, str(COMMAND), *init, *ports, "--console-host", "127.0.0.1")
    run("install", "-m", "644", *(str(systemd / f"{unit}.service") for unit in UNITS), "/etc/systemd/system/")
    run("systemctl", "daemon-reload")


def confined(unit: str) -> None:
    """As the kernel has its main process: account, powers, filter, own accounts; what it can write."""
    pid = shown(unit, "MainPID")
    lines = dict(line.split(":\t", 1) for line in Path(f"/proc/{pid}/status").read_text().splitlines() if ":\t" in line)
    uid = run("id", "-u", "chevet-clinic").strip()
    own = Path(f"/proc/{pid}/ns/user").readlink() != Path("/proc/self/ns/user").readlink()
    held = (lines["Uid"].split(), int(lines["CapBnd"], 16), lines["NoNewPrivs"], lines["Seccomp"], own)
    tell(held == ([uid] * 4, 0, "1", "2", True), f"{unit}: confined", f"uid {held[0]}, bound {held[1]:x}, {held[2:]}")
    inside = ("nsenter", "-t", pid, "-m", "--")
    written = [
        where for where in ("/etc", "/usr", "/var/lib", str(HOME)) if _writes(*inside, "touch", f"{where}/.look")
    ]
    tell(written == [str(HOME)], f"{unit}: writes", " ".join(written))
    kept = run(*inside, "ls", "-A", "/root", "/home").split()
    tell(kept == ["/home:", "/root:"], f"{unit}: homes", " ".join(kept))
    disks = [name for name in run(*inside, "ls", "/dev").split() if name.startswith(("sd", "vd", "mem", "kmsg"))]
    tell(not disks, f"{unit}: devices", " ".join(disks) or "neither disks nor memory")


def _writes(*words: str) -> bool:
    return subprocess.run(words, capture_output=True, check=False).returncode == 0


def answers() -> None:
    for name in ("sante", "connexion"):
        with urllib.request.urlopen(f"http://127.0.0.1:{PORTS['console']}/{name}", timeout=60) as page:
            tell(page.status == 200, f"console: /{name}", str(page.status))
    for name in ("shelf", "registrar"):
        found = ssl.get_server_certificate(("127.0.0.1", PORTS[name]), timeout=60)
        tell("BEGIN CERTIFICATE" in found, f"{name}: its certificate", "shown")


def begun_again(name: str, signal: str, *units: str, seconds: float) -> None:
    """Ended or held, each is another process afterwards, and serves."""
    before = {unit: shown(unit, "MainPID") for unit in units}
    for unit in units:
        run("systemctl", "kill", "--kill-whom=main", "-s", signal, unit)
    again = wait(
        seconds, lambda: all(shown(unit, "MainPID") not in (before[unit], "0") for unit in units) and all_active()
    )
    tell(again, name, ", ".join(f"{unit} {shown(unit, 'ActiveState')}" for unit in units))


def main() -> None:
    print(run("systemctl", "--version").splitlines()[0], "as process 1:", Path("/proc/1/comm").read_text().strip())
    install()
    with Path("/opt/chevet/said/broker").open("wb") as log:
        broker = subprocess.Popen((*AS_THEM, str(COMMAND), "broker", "--home", str(HOME)), stdout=log, stderr=log)
    run("systemctl", "start", "--no-block", *UNITS)
    ready = wait(READY_S_MAX, all_active)
    tell(ready, "ready", ", ".join(f"{unit} {shown(unit, 'ActiveState')}" for unit in UNITS))
    if ready:
        for unit in UNITS:
            confined(unit)
        answers()
        begun_again("killed, and there again", "KILL", *UNITS, seconds=READY_S_MAX)
        begun_again("held, ended by its watchdog, and there again", "STOP", *UNITS, seconds=HUNG_S_MAX)
    run("systemctl", "stop", *UNITS)
    results = {unit: shown(unit, "Result") for unit in UNITS}
    tell(set(results.values()) == {"success"}, "stopped", str(results))
    broker.terminate()
    broker.wait(60)
    print("not shown here: MemoryMax, where the namespace has no memory controller; a machine's own start", flush=True)
    print("looked", flush=True)


if __name__ == "__main__":
    main()
