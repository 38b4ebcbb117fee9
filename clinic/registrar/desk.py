"""What the registrar answers: the authority's certificate, an enrolment by a code, a renewed certificate."""

import logging
import threading
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from django.db import DatabaseError, InterfaceError, connections, transaction

from clinic.audit import trail
from clinic.errors import ClinicError
from clinic.fleet import codes
from clinic.fleet.certificates import may_renew, note
from clinic.fleet.models import EnrolmentCode
from clinic.home import Configuration, Home
from clinic.plans.addresses import remembered
from clinic.registrar.seldom import Seldom
from clinic.web_worker import TooSlowError
from mqtt_bridge import authority
from mqtt_bridge.contract.codec import ContractError, decode, encode
from mqtt_bridge.contract.enrolling import (
    BODY_BYTES_MAX,
    CA_PATH,
    ENROL_PATH,
    RENEW_PATH,
    Enrolled,
    EnrolmentAsked,
    Refused,
    RenewalAsked,
    Renewed,
)
from mqtt_bridge.seal import load_secret

Environ = dict[str, Any]
StartResponse = Callable[..., Any]
AGENT = "registrar"
TRIES_AT_ONCE = 4
"""Each code that is tried costs 16 MiB and a thirtieth of a second."""
log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Answer:
    status: HTTPStatus
    body: bytes
    kind: str = "application/json"


NOT_FOUND = Answer(HTTPStatus.NOT_FOUND, b"")


def refusal(status: HTTPStatus, code: str, words: str) -> Answer:
    return Answer(status, encode(Refused(code=code, words=words)))


class Registrar:
    """A WSGI application. A stranger may ask for the authority's certificate and try a code; nothing else."""

    def __init__(self, home: Home, configuration: Configuration) -> None:
        self._home, self._configuration = home, configuration
        self._ca = (home.authority / "ca.pem").read_bytes()
        self._clinic = load_secret(home.clinic_keys).public
        self._trying = threading.BoundedSemaphore(TRIES_AT_ONCE)
        self._refused = Seldom(log)

    def __call__(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        try:
            answer = self._answer(environ)
        except NotTakenError as no:
            answer = no.answer
        except ContractError as error:
            answer = refusal(HTTPStatus.BAD_REQUEST, "unreadable", str(error)[:300])
        except authority.CertificateError as error:
            answer = refusal(HTTPStatus.BAD_REQUEST, "request", str(error)[:300])
        except ClinicError as error:
            self._refused.warning(f"refused: {error}")
            answer = refusal(HTTPStatus.FORBIDDEN, "refused", str(error)[:300])
        except (DatabaseError, InterfaceError, OSError):
            log.exception("the registrar could not answer")
            words = "the clinic cannot answer just now, and nothing is lost: try the same again in a minute"
            answer = refusal(HTTPStatus.SERVICE_UNAVAILABLE, "busy", words)
        finally:
            connections.close_all()  # one for each of our threads would be half of what PostgreSQL has
        head = [("Content-Type", answer.kind), ("Content-Length", str(len(answer.body))), ("Cache-Control", "no-store")]
        start_response(f"{answer.status.value} {answer.status.phrase}", head)
        return [answer.body]

    def _answer(self, environ: Environ) -> Answer:
        match environ.get("REQUEST_METHOD"), environ.get("PATH_INFO"):
            case "GET", path if path == CA_PATH:
                return Answer(HTTPStatus.OK, self._ca, "application/x-pem-file")
            case "POST", path if path == ENROL_PATH:
                return self._enrol(decode(_body(environ), EnrolmentAsked))
            case "POST", path if path == RENEW_PATH:
                return self._renew(decode(_body(environ), RenewalAsked), box_of(environ))
            case _:
                return NOT_FOUND

    def _enrol(self, asked: EnrolmentAsked) -> Answer:
        """What is written of it in the trail stands before the box has its answer.

        A stranger's guesses are no entries of it: it is kept for ever, and they could go on for ever.
        """
        try:
            with self._trying:
                code, new = codes.use(asked, self._sign, remembered(self._configuration))
        except codes.CodeRefused as refused:
            if refused.counted:
                trail.record(AGENT, "refused", f"enrolment by the code {asked.name}")
            raise
        if new:
            trail.record(AGENT, "write", f"box {code.box} enrolled by the code {code.name}", code.patient_id)
        return Answer(HTTPStatus.OK, encode(self._enrolled(code)))

    def _sign(self, request: str, box: str) -> bytes:
        return authority.sign_request(self._home.authority, request.encode(), box)

    def _enrolled(self, code: EnrolmentCode) -> Enrolled:
        told = self._configuration
        return Enrolled(
            clinic=told.clinic,
            box=code.box,
            certificate=code.certificate,
            ca=self._ca.decode(),
            clinic_verify=self._clinic.verify,
            clinic_seal=self._clinic.seal,
            broker_host=told.broker.host,
            broker_port=told.broker.port,
            protocol=told.broker.protocol,
            shelf_host=told.shelf_host,
            shelf_port=told.shelf.port,
            registrar_host=told.registrar_host,
            registrar_port=told.registrar.port,
        )

    def _renew(self, asked: RenewalAsked, box: str) -> Answer:
        if not box:
            return refusal(HTTPStatus.UNAUTHORIZED, "nameless", "a renewal needs the certificate that it renews")
        with transaction.atomic():
            device = may_renew(box)
            certificate = self._sign(asked.request, device.id)
            facts = authority.facts(certificate)
            note(device, facts)
            trail.record(AGENT, "write", f"certificate {facts.serial} for box {device.id}")
        return Answer(HTTPStatus.OK, encode(Renewed(certificate=certificate.decode())))


class NotTakenError(Exception):
    """A body that was not read, or not to its end."""

    def __init__(self, status: HTTPStatus, code: str, words: str) -> None:
        super().__init__(words)
        self.answer = refusal(status, code, words)


def _body(environ: Environ) -> bytes:
    """Raises NotTakenError: too large, without a length, too slow. What is too large is not read."""
    length = environ.get("CONTENT_LENGTH") or ""
    if not length.isdecimal():
        words = f"a request tells its length beforehand, of at most {BODY_BYTES_MAX} bytes"
        raise NotTakenError(HTTPStatus.LENGTH_REQUIRED, "length", words)
    if int(length) > BODY_BYTES_MAX:
        words = f"a request of {length} bytes: at most {BODY_BYTES_MAX} are read"
        raise NotTakenError(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "too-large", words)
    try:
        body: bytes = environ["wsgi.input"].read(int(length))
    except TooSlowError as error:
        words = "the request did not come whole in time, and nothing of it was done: send it again"
        raise NotTakenError(HTTPStatus.REQUEST_TIMEOUT, "too-slow", words) from error
    return body


def box_of(environ: Environ) -> str:
    """The common name of the certificate that opened the connection; empty: none did."""
    certificate = environ["gunicorn.socket"].getpeercert() or {}
    names = [value for part in certificate.get("subject", ()) for name, value in part if name == "commonName"]
    return names[0] if len(names) == 1 else ""
