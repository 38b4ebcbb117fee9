"""The program that renews the box's certificate: `python -m mqtt_bridge.link.renewing JOB`, a process of its own.

It ends at any instant without harm: the new pair gets its name last, when it is whole and on the disk. A lost answer
costs nothing but a certificate that nobody uses. X.509 is loaded here alone: the link needs none of it all day.
"""

import http.client
import os
import ssl
import sys
from contextlib import closing
from pathlib import Path

from mqtt_bridge.contract.codec import ContractError, Word, decode, encode
from mqtt_bridge.contract.enrolling import RENEW_PATH, Refused, RenewalAsked, Renewed
from mqtt_bridge.tls import client_context
from mqtt_bridge.wiping import sync_folder

ANSWER_S_MAX = 30.0
ANSWER_BYTES_MAX = 64 * 1024
NOT_DUE = 3
"""Exit code: the present certificate is good for long enough."""


class Job(Word, frozen=True):
    """Whom to ask, as whom, and where the new pair goes. at_ms: the time, by which it is due or not; 0: unknown."""

    host: str
    port: int
    box: str
    at_ms: int
    ca: str
    certificate: str
    key: str
    into: str


class RenewError(Exception):
    """No new certificate; the message says why."""


def is_due(job: Job) -> bool:
    """Whether a third of the present certificate's life is left, or less. Raises CertificateError, OSError."""
    from mqtt_bridge import authority

    return not job.at_ms or authority.facts(Path(job.certificate).read_bytes()).is_due(job.at_ms)


def renew(job: Job) -> None:
    """Put a new key and its certificate into one file. Raises RenewError, OSError, CertificateError, ContractError."""
    from mqtt_bridge import authority

    into = Path(job.into)
    key = into.with_name("next.key")
    authority.make_key(key)
    answer = _ask(job, authority.make_request(key, job.box))
    found = authority.check_issued(answer, key, Path(job.ca).read_bytes())
    if found.common_name != job.box:
        raise RenewError(f"the certificate names {found.common_name}, not {job.box}")
    fresh = into.with_name("next.fresh")
    descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o640)
    with os.fdopen(descriptor, "wb") as file:
        file.write(answer + key.read_bytes())
        file.flush()
        os.fsync(file.fileno())
    fresh.replace(into)
    key.unlink()
    sync_folder(into.parent)


def _ask(job: Job, request: bytes) -> bytes:
    context = client_context(Path(job.ca), Path(job.certificate), Path(job.key))
    context.minimum_version = ssl.TLSVersion.TLSv1_3
    connection = http.client.HTTPSConnection(job.host, job.port, timeout=ANSWER_S_MAX, context=context)
    with closing(connection):
        connection.request("POST", RENEW_PATH, encode(RenewalAsked(request=request.decode())), {"Connection": "close"})
        answer = connection.getresponse()
        said = answer.read(ANSWER_BYTES_MAX)
    if answer.status != http.HTTPStatus.OK:
        raise RenewError(_refusal(answer.status, said))
    return decode(said, Renewed).certificate.encode()


def _refusal(status: int, said: bytes) -> str:
    try:
        return decode(said, Refused).words
    except ContractError:
        return f"the registrar answers HTTP {status}"


def main(arguments: list[str]) -> int:
    from mqtt_bridge import authority

    try:
        job = decode(arguments[0].encode(), Job)
        if not is_due(job):
            return NOT_DUE
        renew(job)
    except (RenewError, OSError, authority.CertificateError, ContractError, http.client.HTTPException) as error:
        print(error or type(error).__name__)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
