"""The program that fetches one archive: `python -m mqtt_bridge.link.fetching JOB`, a process of its own.

It appends to `<spool>/<sha256>.part` and ends at any byte without harm: the next one goes on where it was. What it has
is called whole only when all of it has the hash that the clinic signed. It says on its output how far it is, and why it
could not go on; whether and when it is tried again is decided by the link.
"""

import errno
import fcntl
import hashlib
import http.client
import os
import ssl
import sys
import time
from pathlib import Path
from typing import IO

import msgspec

from mqtt_bridge.contract.codec import Word, decode, encode
from mqtt_bridge.contract.packages import ARCHIVE_BYTES_MAX
from mqtt_bridge.tls import client_context

BLOCK_BYTES = 64 * 1024
SYNC_BYTES = 4 * 1024 * 1024
TELL_S = 0.5
TELL_BYTES_MIN = 16 * 1024
"""So little in SILENT_S_MAX is as good as nothing: the link ends a fetch that tells nothing for so long."""
CONNECT_S_MAX = 30.0


class Job(Word, frozen=True):
    """What to fetch, from where, as whom. `kept_free_bytes`: room that is never touched: it is the records'."""

    host: str
    port: int
    path: str
    archive: str
    size_bytes: int
    spool: str
    ca: str
    certificate: str
    key: str
    rate_bytes_s: int
    kept_free_bytes: int


class At(Word, frozen=True, tag="at"):
    """How many bytes are here."""

    bytes: int


class Ended(Word, frozen=True, tag="ended"):
    """The last line. `code`: whole; else why not."""

    code: str
    words: str = ""


Told = At | Ended


class FetchError(Exception):
    """The archive could not be fetched now. `code` is for the link, the words are for staff."""

    def __init__(self, code: str, words: str) -> None:
        super().__init__(words)
        self.code = code


def part_of(spool: Path, archive: str) -> Path:
    return spool / f"{archive}.part"


def whole_of(spool: Path, archive: str) -> Path:
    return spool / f"{archive}.chevet"


def fetch(job: Job) -> None:
    """Fetch what is missing, check the whole, put it in its place. Raises FetchError, OSError."""
    part = part_of(Path(job.spool), job.archive)
    descriptor = os.open(part, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o660)
    with os.fdopen(descriptor, "r+b", buffering=0) as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise FetchError("busy", "another process fetches it") from error
        if file.seek(0, os.SEEK_END) != job.size_bytes:
            _receive(job, file)
        _check(job, file)
        part.rename(whole_of(Path(job.spool), job.archive))
    _sync_folder(Path(job.spool))


def _receive(job: Job, file: IO[bytes]) -> None:
    connection = http.client.HTTPSConnection(job.host, job.port, timeout=CONNECT_S_MAX, context=_context(job))
    try:
        at = _first_missing(job, file)
        _room(job, at)
        _ask(job, at, connection)
        _append(job, file, _Answer(connection.getresponse(), job, at))
    except (http.client.HTTPException, ssl.SSLError) as error:
        raise FetchError("unreachable", f"{job.host}:{job.port}: {error or type(error).__name__}") from error
    finally:
        connection.close()


def _context(job: Job) -> ssl.SSLContext:
    context = client_context(Path(job.ca), Path(job.certificate), Path(job.key))
    context.minimum_version = ssl.TLSVersion.TLSv1_3
    return context


def _first_missing(job: Job, file: IO[bytes]) -> int:
    """From which byte on. A part that is too long is not a part of this archive."""
    have = file.seek(0, os.SEEK_END)
    if have > job.size_bytes:
        return 0
    return max(0, min(have, job.size_bytes - 2))  # whitenoise 6 does not give the last byte alone


def _ask(job: Job, at: int, connection: http.client.HTTPSConnection) -> None:
    headers = {"Accept-Encoding": "identity", "Connection": "close"}
    if at:
        headers |= {"Range": f"bytes={at}-", "If-Range": f'"{job.archive}"'}
    connection.request("GET", job.path, headers=headers)


class _Answer:
    """What the shelf answers, once it is what was asked for. Nothing else is believed, and no redirection followed."""

    def __init__(self, response: http.client.HTTPResponse, job: Job, at: int) -> None:
        self.response = response
        if response.status not in (200, 206):
            raise self._refused(response.status)
        self.at = at if response.status == 206 else 0
        rest = job.size_bytes - self.at
        spans = {206: f"bytes {self.at}-{job.size_bytes - 1}/{job.size_bytes}", 200: None}
        if response.length != rest or response.getheader("Content-Range") != spans[response.status]:
            told = f"{response.length} bytes, range {response.getheader('Content-Range')}"
            raise FetchError("wrong-length", f"the shelf announces {told}; {rest} bytes are missing")
        if response.getheader("ETag") != f'"{job.archive}"' or response.getheader("Content-Encoding"):
            raise FetchError("wrong-bytes", f"the shelf gives another file: {response.getheader('ETag')}")

    @staticmethod
    def _refused(status: int) -> FetchError:
        if 300 <= status < 400:
            return FetchError("redirected", f"the shelf sends elsewhere (HTTP {status}): refused")
        if status in (401, 403, 404, 410):
            return FetchError("not-on-shelf", f"the shelf does not give it to this box (HTTP {status})")
        return FetchError("restart" if status == 416 else "unreachable", f"the shelf answers HTTP {status}")


def _append(job: Job, file: IO[bytes], answer: _Answer) -> None:
    file.truncate(answer.at)
    file.seek(answer.at)
    at, pace, synced = answer.at, _Pace(job.rate_bytes_s), answer.at
    while at < job.size_bytes:
        block = answer.response.read1(min(BLOCK_BYTES, job.size_bytes - at))
        if not block:
            raise FetchError("unreachable", f"the connection ended at byte {at} of {job.size_bytes}")
        _write(file, block)
        at += len(block)
        if at - synced >= SYNC_BYTES:
            os.fsync(file.fileno())
            synced = at
            _room(job, at)
        pace.took(len(block), at)


def _write(file: IO[bytes], block: bytes) -> None:
    view = memoryview(block)
    while view:
        view = view[file.write(view) :]


def _room(job: Job, at: int) -> None:
    """What is missing, a second copy to install from it, and the room that is the records'."""
    disk = os.statvfs(job.spool)
    free, wanted = disk.f_bavail * disk.f_frsize, 2 * job.size_bytes - at + job.kept_free_bytes
    if free < wanted:
        words = f"{free // 2**20} MiB free, {wanted // 2**20} MiB wanted, of which the records keep"
        raise FetchError("no-room", f"{words} {job.kept_free_bytes // 2**20} MiB")


class _Pace:
    """Not faster than allowed, and told at a steady rhythm."""

    def __init__(self, rate_bytes_s: int) -> None:
        self._rate, self._began_s, self._taken = rate_bytes_s, time.monotonic(), 0
        self._told_s, self._since = 0.0, TELL_BYTES_MIN

    def took(self, count: int, at: int) -> None:
        self._taken += count
        self._since += count
        ahead_s = self._taken / self._rate - (time.monotonic() - self._began_s)
        if ahead_s > 0:
            time.sleep(ahead_s)
        if self._since >= TELL_BYTES_MIN and time.monotonic() - self._told_s >= TELL_S:
            self._told_s, self._since = time.monotonic(), 0
            _tell(At(bytes=at))


def _check(job: Job, file: IO[bytes]) -> None:
    """The hash of the whole, from the disk. Raises FetchError; then nothing of it is kept."""
    os.fsync(file.fileno())
    file.seek(0)
    digest, count = hashlib.sha256(), 0
    while block := file.read(1 << 20):
        digest.update(block)
        count += len(block)
        if count % (32 << 20) == 0:
            _tell(At(bytes=job.size_bytes))
    if digest.hexdigest() != job.archive:
        file.truncate(0)
        raise FetchError("wrong-bytes", f"what came has the hash {digest.hexdigest()[:16]}…; begun again")


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _tell(word: Told) -> None:
    sys.stdout.buffer.write(encode(word) + b"\n")
    sys.stdout.buffer.flush()


def main(arguments: list[str]) -> int:
    job = decode(arguments[0].encode(), Job)
    if not 0 < job.size_bytes <= ARCHIVE_BYTES_MAX:
        _tell(Ended(code="wrong-length", words=f"{job.size_bytes} bytes: at most {ARCHIVE_BYTES_MAX}"))
        return 1
    try:
        fetch(job)
        ended = Ended(code="whole")
    except BrokenPipeError:
        return 1  # the link is gone; its next one goes on from here
    except FetchError as error:
        if error.code == "restart":
            part_of(Path(job.spool), job.archive).unlink(missing_ok=True)
        ended = Ended(code=error.code, words=str(error))
    except OSError as error:
        ended = Ended(
            code="no-room" if error.errno in (errno.ENOSPC, errno.EDQUOT) else "unreachable", words=str(error)
        )
    _tell(msgspec.structs.replace(ended, words=ended.words[:400]))
    return 0 if ended.code == "whole" else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
