"""The home's files, the broker, the other processes, and the machine that they run on."""

import datetime as dt
import fcntl
import http.client
import os
import shutil
import socket
import ssl
from collections.abc import Iterator
from pathlib import Path

from clinic.doctor.finding import Finding, failing, fine, warning
from clinic.home import Configuration, Home
from mqtt_bridge import authority
from mqtt_bridge.clock import system_clock

ANSWER_S_MAX = 5.0
SOON_DAYS = 30
DISK_WARN_BYTES, DISK_FAIL_BYTES = 5 * 2**30, 2**29
DISK_WARN_SHARE = 0.1
EVERYBODY = 0o007


def settings_told(home: Home, configuration: Configuration) -> Iterator[Finding]:
    told = f"clinic {configuration.clinic} at {home.folder}"
    if configuration.demonstration:
        yield warning("settings", f"{told}: a demonstration", "for invented people only; real ones need another clinic")
    else:
        yield fine("settings", told)


def secrets(home: Home, _configuration: Configuration) -> Iterator[Finding]:
    """The keys are there, and are not for every account of the machine."""
    for path in (home.secret_key, home.clinic_keys, home.authority / "ca.key", home.ingest / "ingest.key"):
        about = f"secret {path.relative_to(home.folder)}"
        if not path.is_file():
            yield failing(about, "is missing", "put it back from the backup (`chevet-clinic restore`)")
        elif path.stat().st_mode & EVERYBODY:
            yield failing(about, "can be read by every account of this machine", f"chmod o= {path}")
        else:
            yield fine(about, "is there, and private")


def certificates(home: Home, _configuration: Configuration) -> Iterator[Finding]:
    found = [home.authority / "ca.pem", *sorted(home.broker.glob("*.crt")), *sorted(home.ingest.glob("*.crt"))]
    for path in [*found, *sorted(home.shelf.glob("*.crt")), *sorted(home.registrar.glob("*.crt"))]:
        yield _certificate(path, f"certificate {path.relative_to(home.folder)}")


def _certificate(path: Path, about: str) -> Finding:
    again = "run `chevet-clinic certificates --renew`, and start what uses it anew"
    try:
        until = dt.datetime.fromtimestamp(authority.valid_until_ms(path) / 1000, dt.UTC)
    except (OSError, ValueError) as error:
        return failing(about, f"cannot be read: {error}", again)
    days = (until - dt.datetime.now(dt.UTC)).days
    told = f"ends on {until:%Y-%m-%d}, in {days} days"
    if days < 0:
        return failing(about, f"has ended on {until:%Y-%m-%d}", again)
    return warning(about, told, again) if days < SOON_DAYS else fine(about, told)


def broker(home: Home, configuration: Configuration) -> Iterator[Finding]:
    """A handshake as ingest makes it: reachable, of our authority, under the name that boxes know."""
    host, port = configuration.broker.host, configuration.broker.port
    try:
        context = ssl.create_default_context(cafile=str(home.broker / "ca.pem"))
        context.load_cert_chain(home.ingest / "ingest.crt", home.ingest / "ingest.key")
        with (
            socket.create_connection((host, port), ANSWER_S_MAX) as bare,
            context.wrap_socket(bare, server_hostname=host) as safe,
        ):
            told = f"answers at {host}:{port}, {safe.version()}"
    except OSError as error:
        yield failing("broker", f"{host}:{port}: {error}", _start_it(home, configuration))
    else:
        yield fine("broker", told)


def _start_it(home: Home, configuration: Configuration) -> str:
    """RabbitMQ 3.10.8 that was stopped by a full disk may never start again on what it kept (docs/campaign.md)."""
    start, kept = "start it with `chevet-clinic broker`, see its log", home.broker / "rabbitmq" / "data"
    if configuration.broker.kind != "rabbitmq" or not kept.is_dir():
        return start
    return (
        f"{start}; when that says BOOT FAILED at each start (seen after a full disk), make room, delete {kept} and "
        "start it again: nothing is lost, the boxes still hold what the record has not, and send it again"
    )


def processes(home: Home, configuration: Configuration) -> Iterator[Finding]:
    if _ingest_runs(home):
        yield fine("ingest", "runs on this machine")
    else:
        yield warning("ingest", "does not run on this machine", "start it with `chevet-clinic ingest`")
    host, port = configuration.console.host, configuration.console.port
    if _console_is_well(host, port):
        yield fine("console", f"answers at {host}:{port}")
    else:
        yield warning("console", f"does not answer at {host}:{port}", "start it with `chevet-clinic console`")


def _ingest_runs(home: Home) -> bool:
    """Whether anybody holds a place among the ingest processes: the lock is the kernel's."""
    for path in home.ingest.glob("place-*"):
        descriptor = os.open(path, os.O_RDWR | os.O_CLOEXEC)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
        finally:
            os.close(descriptor)
    return False


def _console_is_well(host: str, port: int) -> bool:
    if not port:
        return False  # it takes a free one at each start
    connection = http.client.HTTPConnection(host, port, timeout=ANSWER_S_MAX)
    try:
        connection.request("GET", "/sante")
        return connection.getresponse().status == http.HTTPStatus.OK
    except OSError:
        return False
    finally:
        connection.close()


def disk(home: Home, _configuration: Configuration) -> Iterator[Finding]:
    usage = shutil.disk_usage(home.folder)
    told = f"{usage.free / 2**30:.1f} GiB free of {usage.total / 2**30:.1f}"
    remedy = "make room, or move the home to a larger disk: a record that cannot be written is acknowledged to no box"
    if usage.free < DISK_FAIL_BYTES:
        yield failing("disk", told, remedy)
    elif usage.free < DISK_WARN_BYTES or usage.free < usage.total * DISK_WARN_SHARE:
        yield warning("disk", told, remedy)
    else:
        yield fine("disk", told)


def clock(_home: Home, _configuration: Configuration) -> Iterator[Finding]:
    now = f"{dt.datetime.now(dt.UTC):%Y-%m-%d %H:%M:%S} UTC"
    if system_clock("timesync")().trusted:
        yield fine("clock", f"{now}, set by the network since this machine started")
    else:
        remedy = "see `timedatectl`; where another program keeps the time (chrony, a hypervisor), compare it by hand"
        yield warning("clock", f"{now}, and systemd-timesyncd has not set it", remedy)
