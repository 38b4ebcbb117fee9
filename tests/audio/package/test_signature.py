"""A box takes a package from anywhere when its clinic answers for it, and from nowhere else."""

import datetime as dt
import json
from pathlib import Path

import msgspec
import pytest

from audio.errors import KeyFileError
from audio.package import PackageError, read
from audio.package.reading import manifest_bytes
from audio.package.signature import CONTEXT, SIGNATURE_BYTES_MAX, Statement, sign, signature_bytes, verify
from audio.package.signing import sign_package
from mqtt_bridge import seal
from tests.audio.package.signed import CLINIC, TODAY, Keys, make_keys, quiet
from tests.support.paced.package import make_package, write_manifest


@pytest.fixture
def package(tmp_path: Path) -> Path:
    return make_package(tmp_path / "package", seconds=1)


@pytest.fixture
def keys(tmp_path: Path) -> Keys:
    return make_keys(tmp_path)


def code(manifest: bytes, signature: bytes, keys: Keys, today: dt.date = TODAY) -> str:
    with pytest.raises(PackageError) as caught:
        verify(manifest, signature, keys.public, today)
    return caught.value.code


def test_signed_by_the_clinics_own_key_file(package: Path, keys: Keys) -> None:
    sign_package(package, keys.secret, CLINIC, TODAY, None, quiet)
    statement = verify(manifest_bytes(package), signature_bytes(package), keys.public, TODAY)
    assert statement == Statement(clinic=CLINIC, key=seal.load_public(keys.public).verify_id, signed_on=TODAY)


def test_every_byte_that_is_signed_counts(keys: Keys) -> None:
    manifest = b"title = 1"
    signed = json.loads(sign(manifest, keys.secret, CLINIC, TODAY, TODAY))
    for field, other in (("clinic", "another"), ("signed_on", "2020-01-01"), ("expires_on", "2999-01-01")):
        assert code(manifest, json.dumps({**signed, field: other}).encode(), keys) == "signature-wrong"
    assert code(manifest + b" ", json.dumps(signed).encode(), keys) == "signature-wrong"
    assert code(manifest, json.dumps({**signed, "signature": "AAAA"}).encode(), keys) == "signature-wrong"


def test_a_letter_of_the_wire_is_no_signature_of_a_package(keys: Keys) -> None:
    """The same key signs both; what is signed begins otherwise."""
    for context in seal.CONTEXTS.values():
        assert not CONTEXT.startswith(context)
        assert not context.startswith(CONTEXT)


def test_another_clinic(tmp_path: Path, keys: Keys) -> None:
    (tmp_path / "other").mkdir()
    other = make_keys(tmp_path / "other")
    assert code(b"", sign(b"", other.secret, CLINIC, TODAY), keys) == "signature-of-another-clinic"


def test_expired(keys: Keys) -> None:
    signature = sign(b"", keys.secret, CLINIC, TODAY, TODAY)
    assert verify(b"", signature, keys.public, TODAY).expires_on == TODAY
    assert code(b"", signature, keys, TODAY + dt.timedelta(days=1)) == "signature-expired"


@pytest.mark.parametrize("raw", [b"", b"{}", b"\xff", b"[" * 4000, b"{" * (SIGNATURE_BYTES_MAX + 1), b'{"version": 2}'])
def test_unreadable(keys: Keys, raw: bytes) -> None:
    assert code(b"", raw, keys) == "signature-unreadable"


def test_a_later_version_or_field_is_not_half_understood(keys: Keys) -> None:
    signed = json.loads(sign(b"", keys.secret, CLINIC, TODAY))
    for more in ({"version": 2}, {"only_for": "box-7"}):
        assert code(b"", json.dumps({**signed, **more}).encode(), keys) == "signature-unreadable"


def test_no_signature(package: Path) -> None:
    with pytest.raises(PackageError) as caught:
        signature_bytes(package)
    assert caught.value.code == "signature-missing"


@pytest.mark.parametrize("content", [None, b"", b"{}", b'{"sign": "AAAA", "verify": "AAAA"}'])
def test_a_key_that_is_none(tmp_path: Path, content: bytes | None) -> None:
    file = tmp_path / "key"
    if content is not None:
        file.write_bytes(content)
    with pytest.raises(KeyFileError):
        sign(b"", file, CLINIC, TODAY)


def test_a_clinics_name_that_could_not_be_read_again(keys: Keys) -> None:
    with pytest.raises(PackageError):
        sign(b"", keys.secret, "../évreux", TODAY)


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"contraindications": None}, "not-fit-to-travel"),
        ({"loudness_lufs": -30.0}, "loudness-differs"),
        ({"true_peak_dbtp": -30.0}, "peak-differs"),
    ],
)
def test_the_clinic_signs_no_untruth(package: Path, keys: Keys, change: dict[str, object], expected: str) -> None:
    write_manifest(package, msgspec.structs.replace(read(package).manifest, **change))
    with pytest.raises(PackageError) as caught:
        sign_package(package, keys.secret, CLINIC, TODAY, None, quiet)
    assert caught.value.code == expected
    assert not (package / "manifest.sig").exists()


def test_a_part_of_unknown_licence_is_not_signed(package: Path, keys: Keys) -> None:
    manifest = read(package).manifest
    nameless = msgspec.structs.replace(manifest.parts[0], licence=None)
    write_manifest(package, msgspec.structs.replace(manifest, parts=(nameless,)))
    with pytest.raises(PackageError, match="licence and source"):
        sign_package(package, keys.secret, CLINIC, TODAY, None, quiet)


def test_a_mono_package_is_not_signed(tmp_path: Path, keys: Keys) -> None:
    with pytest.raises(PackageError, match="stereo"):
        sign_package(make_package(tmp_path / "mono", channels=1), keys.secret, CLINIC, TODAY, None, quiet)
