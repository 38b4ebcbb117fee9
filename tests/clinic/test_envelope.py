"""The encrypted file of a backup: whole or refused, at whatever byte it was altered or cut."""

import io
import tarfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, seed, settings
from hypothesis import strategies as st

from clinic.safekeeping import envelope
from clinic.safekeeping.putting_back import verify
from mqtt_bridge import seal

SAFE = seal.make_keys()
OPEN = envelope.with_secret_key(SAFE)
BOUNDED = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


def sealed(content: bytes, *, finished: bool = True) -> bytes:
    to = io.BytesIO()
    stream = envelope.Writing(to, *envelope.by_public_key(SAFE.public))
    stream.write(content)
    if finished:
        stream.finish()
    return to.getvalue()


def opened(raw: bytes, unlock: envelope.Unlock = OPEN) -> bytes:
    return io.BufferedReader(envelope.Reading(io.BytesIO(raw), unlock)).read()


@pytest.mark.parametrize("size", [0, 1, envelope.PIECE_BYTES - 1, envelope.PIECE_BYTES, 3 * envelope.PIECE_BYTES + 7])
def test_what_goes_in_comes_out(size: int) -> None:
    content = (b"chevet" * (size // 6 + 1))[:size]
    raw = sealed(content)
    assert opened(raw) == content
    assert size < 60 or content[:60] not in raw


WHOLE = sealed(b"x" * (2 * envelope.PIECE_BYTES + 99))


@seed(20251129)
@BOUNDED
@given(st.integers(0, len(WHOLE) - 1), st.integers(1, 255))
def test_no_byte_is_altered_unseen(at: int, change: int) -> None:
    altered = WHOLE[:at] + bytes([WHOLE[at] ^ change]) + WHOLE[at + 1 :]
    with pytest.raises(envelope.EnvelopeError):
        opened(altered)


@seed(20251129)
@BOUNDED
@given(st.integers(0, len(WHOLE) - 1))
def test_no_end_is_cut_off_unseen(at: int) -> None:
    with pytest.raises(envelope.EnvelopeError):
        opened(WHOLE[:at])


def test_pieces_are_not_moved_doubled_or_followed() -> None:
    first = WHOLE.index(b'"key"')
    with pytest.raises(envelope.EnvelopeError):
        opened(WHOLE + b"\0")
    with pytest.raises(envelope.EnvelopeError):
        opened(WHOLE + WHOLE)
    with pytest.raises(envelope.EnvelopeError):
        opened(WHOLE[:first] + WHOLE)
    with pytest.raises(envelope.EnvelopeError, match="cut off"):
        opened(sealed(b"x" * 200_000, finished=False))


def test_another_key_or_kind_of_lock_opens_nothing() -> None:
    with pytest.raises(envelope.EnvelopeError, match="another key"):
        opened(WHOLE, envelope.with_secret_key(seal.make_keys()))
    with pytest.raises(envelope.EnvelopeError, match="--key"):
        opened(WHOLE, envelope.with_passphrase("un long mot de passe"))
    with pytest.raises(envelope.EnvelopeError, match="at least"):
        envelope.by_passphrase("court")


def test_a_passphrase_opens_what_it_sealed_and_nothing_else() -> None:
    to = io.BytesIO()
    stream = envelope.Writing(to, *envelope.by_passphrase("une longue nuit calme"))
    stream.write(b"dossier")
    stream.finish()
    assert opened(to.getvalue(), envelope.with_passphrase("une longue nuit calme")) == b"dossier"
    with pytest.raises(envelope.EnvelopeError, match="passphrase or key"):
        opened(to.getvalue(), envelope.with_passphrase("une longue nuit agitée"))


def _archive(*names: str, kind: bytes = tarfile.REGTYPE) -> bytes:
    to = io.BytesIO()
    with tarfile.open(mode="w|", fileobj=to) as archive:
        for name in names:
            member = tarfile.TarInfo(name)
            member.type = kind
            member.linkname = "/etc/passwd"
            archive.addfile(member)
    return to.getvalue()


@pytest.mark.parametrize(
    ("inside", "words"),
    [
        (_archive("home/../../etc/cron.d/x"), "no file of a clinic"),
        (_archive("/etc/passwd"), "no file of a clinic"),
        (_archive("else/x"), "no file of a clinic"),
        (_archive("home/link", kind=tarfile.SYMTYPE), "no file of a clinic"),
        (_archive("home/dev", kind=tarfile.CHRTYPE), "no file of a clinic"),
        (_archive("home/a", "home/a"), "twice"),
        (_archive("home/clinic.toml"), "no clinic's"),
        (_archive("manifest.json"), "manifest"),
        (b"no archive at all" * 99, "cannot be read"),
    ],
)
def test_what_is_inside_is_a_clinics_or_nothing(tmp_path: Path, inside: bytes, words: str) -> None:
    """Even who holds the key writes nowhere but in the new folder."""
    file = tmp_path / "backup"
    file.write_bytes(sealed(inside))
    with pytest.raises(envelope.EnvelopeError, match=words):
        verify(file, OPEN)


@pytest.mark.parametrize("raw", [b"", b"chevet-backup 1\n", b"chevet-backup 1\n\0\0\xff\xff", b"PK\3\4" * 9])
def test_another_file_is_told(raw: bytes) -> None:
    with pytest.raises(envelope.EnvelopeError):
        opened(raw)
