"""A box enrols itself over HTTPS with a one-time code: `chevet-link enrol`.

The box makes its keys first and keeps them in `<enrolment>.new` (0770) until the clinic has answered: whatever is cut
off, the same keys and the same code ask again, and the clinic gives the same answer. The folder gets its name last, in
one rename: a box is enrolled, or it is not. The clinic is believed by the fingerprint in the code, never on first use.
"""

import fcntl
import http.client
import os
import ssl
import tomllib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar
from urllib.parse import urlsplit

import msgspec

from mqtt_bridge import authority, enrolment, https, seal
from mqtt_bridge.contract.codec import ContractError, decode, encode
from mqtt_bridge.contract.enrolling import CA_PATH, ENROL_PATH, Enrolled, EnrolmentAsked, Refused
from mqtt_bridge.enrolment_code import CodeError, EnrolmentCode, read
from mqtt_bridge.tls import nameless_context, unverified_context
from mqtt_bridge.version import VERSION

T = TypeVar("T", bound=msgspec.Struct)


class EnrolError(Exception):
    """The box could not be enrolled now; the message says what to do. Its keys are kept for the next try."""


@dataclass(frozen=True)
class Paper:
    """What the clinic gives: its address and the code. The QR code on the console is this as a file's two lines."""

    clinic_url: str
    code: EnrolmentCode


class _File(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    clinic_url: str
    code: str


def from_file(path: Path) -> Paper:
    """The two lines of a file on the boot partition, `clinic_url = "…"` and `code = "…"`. Raises EnrolError."""
    try:
        told = msgspec.convert(tomllib.loads(path.read_text(encoding="utf-8")), _File)
    except OSError as error:
        raise EnrolError(f"no enrolment file at {path}: {error.strerror}") from error
    except (tomllib.TOMLDecodeError, msgspec.ValidationError, UnicodeDecodeError) as error:
        raise EnrolError(f'{path}: {error}; it has two lines, clinic_url = "https://…" and code = "…"') from error
    return paper(told.clinic_url, told.code)


def paper(clinic_url: str, code: str) -> Paper:
    """What was typed, checked before anything is asked. Raises EnrolError."""
    try:
        found = read(code)
    except CodeError as error:
        raise EnrolError(str(error)) from error
    _host(clinic_url)
    return Paper(clinic_url, found)


def enrol(folder: Path, told: Paper) -> enrolment.Place:
    """Enrol this box into `folder`. Raises EnrolError."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    draft = folder.with_name(f"{folder.name}.new")
    try:
        with _alone(folder):
            _check_free(folder)
            keys = own_keys(draft)
            ca = _trusted(told)
            answer = ask(told, keys, draft, ca)
            check(answer, draft, ca)
            return _take_place(answer, draft, folder)
    except OSError as error:
        raise EnrolError(f"{error}; nothing is lost: the box's keys are kept for the next try") from error


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """One enrolment of a box at a time."""
    with folder.with_name(f"{folder.name}.lock").open("wb") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise EnrolError("this box is being enrolled already: wait for it") from error
        yield


def _check_free(folder: Path) -> None:
    if (folder / "enrolment.json").exists():
        raise EnrolError(f"this box is enrolled already ({folder}): the clinic wipes it first, or takes it back")
    if folder.exists():
        folder.rmdir()  # an empty one; with anything in it this is an error that names it


def own_keys(draft: Path) -> seal.SecretKeys:
    """The box's keys, made once and on the disk before they are told: a second try asks for the same ones."""
    draft.mkdir(mode=0o770, exist_ok=True)
    secret, key = draft / "box.secret", draft / "box.key"
    try:
        authority.make_request(key, "box")
    except (authority.CertificateError, OSError):
        authority.make_key(key)
    try:
        keys = seal.load_secret(secret)
    except ContractError:
        keys = seal.make_keys()
        seal.save_secret(keys, secret)
    _sync(draft)
    return keys


def _trusted(told: Paper) -> str:
    """The authority's certificate, once it is the one that the code names. Nothing was sent to whoever gave it."""
    pem = _http(told.clinic_url, unverified_context(), "GET", CA_PATH, b"")
    try:
        fits = told.code.is_of(authority.fingerprint(pem))
    except authority.CertificateError as error:
        raise EnrolError(f"{told.clinic_url} is no clinic of Chevet's: {error}") from error
    if not fits:
        raise EnrolError(
            f"{told.clinic_url} is not the clinic that gave this code, or somebody stands in between: nothing was "
            "sent. Compare the address with what the clinic shows"
        )
    return pem.decode()


def ask(told: Paper, keys: seal.SecretKeys, draft: Path, ca: str) -> Enrolled:
    public = keys.public
    asked = EnrolmentAsked(
        name=told.code.name,
        secret=told.code.secret,
        verify=public.verify,
        seal=public.seal,
        request=authority.make_request(draft / "box.key", "box").decode(),
        version=VERSION,
    )
    return _decoded(_http(told.clinic_url, nameless_context(ca), "POST", ENROL_PATH, encode(asked)), Enrolled)


def check(answer: Enrolled, draft: Path, ca: str) -> None:
    if answer.ca != ca:
        raise EnrolError("the clinic answered with another authority than its own: tell it")
    try:
        found = authority.check_issued(answer.certificate.encode(), draft / "box.key", ca.encode())
    except authority.CertificateError as error:
        raise EnrolError(f"the clinic's answer is not for this box: {error}") from error
    if found.common_name != answer.box:
        raise EnrolError(f"the certificate names {found.common_name}, the clinic {answer.box}: tell it")


def _take_place(answer: Enrolled, draft: Path, folder: Path) -> enrolment.Place:
    place = enrolment.Place(
        clinic=answer.clinic,
        box=answer.box,
        broker_host=answer.broker_host,
        broker_port=answer.broker_port,
        protocol=answer.protocol,
        shelf_host=answer.shelf_host,
        shelf_port=answer.shelf_port,
        registrar_host=answer.registrar_host,
        registrar_port=answer.registrar_port,
    )
    enrolment.save_place(draft, place, seal.PublicKeys(verify=answer.clinic_verify, seal=answer.clinic_seal))
    (draft / "ca.pem").write_text(answer.ca)
    (draft / "box.crt").write_text(answer.certificate)
    _sync(draft)
    draft.rename(folder)
    _flush(folder.parent)
    return place


def _host(clinic_url: str) -> tuple[str, int]:
    """(host, port). Raises EnrolError."""
    try:
        split = urlsplit(clinic_url)
        host, port = split.hostname, split.port or 443
    except ValueError as error:
        raise EnrolError(f"{clinic_url!r} is not an address: https://host:port") from error
    if split.scheme != "https" or not host or split.path not in ("", "/"):
        raise EnrolError(f"{clinic_url!r} is not the clinic's address: https://host:port, as it shows it")
    return host, port


def _http(clinic_url: str, context: ssl.SSLContext, method: str, path: str, body: bytes) -> bytes:
    """The answer's body. Raises EnrolError: unreachable, refused, or another server than the authority's."""
    host, port = _host(clinic_url)
    try:
        answer = https.Server(host, port, context).ask(method, path, body)
    except ssl.SSLError as error:
        raise EnrolError(f"{clinic_url} cannot prove that it is the clinic: {error.reason or error}") from error
    except (http.client.HTTPException, OSError) as error:
        raise EnrolError(
            f"{clinic_url} cannot be reached ({error or type(error).__name__}): check the network; nothing is lost, "
            "the same code can be tried again"
        ) from error
    if answer.status != http.HTTPStatus.OK or len(answer.said) > https.ANSWER_BYTES_MAX:
        raise EnrolError(_refusal(answer.status, answer.said))
    return answer.said


def _refusal(status: int, said: bytes) -> str:
    try:
        return _decoded(said, Refused).words
    except EnrolError:
        return f"the clinic's server answers HTTP {status}: is this the address that the clinic shows?"


def _decoded(raw: bytes, kind: type[T]) -> T:
    try:
        return decode(raw, kind)
    except ContractError as error:
        raise EnrolError(f"the clinic's answer cannot be read: {error}") from error


def _sync(folder: Path) -> None:
    for path in (*folder.iterdir(), folder):
        _flush(path)


def _flush(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
