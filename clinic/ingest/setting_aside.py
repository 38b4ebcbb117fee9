"""What is neither in the ledger nor dropped: kept raw, once, shown to staff, and counted when it comes again."""

from django.db.models import F

from clinic.ingest.ledger import digest_of
from clinic.results import problems
from clinic.results.answers import text
from clinic.results.models import Quarantine

ASIDE_MAX = 200
"""Different arrivals set aside of each box and kind: one box, stolen or broken, must not fill the clinic's disk."""


def set_aside(kind: Quarantine.Kind, topic: str, payload: bytes, problem: str, at_ms: int, *, most: int) -> bool:
    """Whether it is a new one: what is only counted writes no line of the log, or one box could fill it."""
    told = text(topic.encode(errors="replace").decode())
    digest = digest_of(topic.encode(errors="surrogatepass") + b"\0" + payload)
    if _counted(kind, digest, at_ms):
        return False
    whose = told.partition("/")[0] if kind == Quarantine.Kind.CONFLICT else told.rpartition("/")[0]
    kept = Quarantine.objects.filter(kind=kind, topic__startswith=f"{whose}/")
    if kept[:most].count() >= most:
        told, payload, digest = whose, b"", digest_of(whose.encode(errors="replace"))
        problem = (
            f"more than {most} different arrivals of {whose} were set aside: the later ones are counted "
            f"here and not kept, what was not acknowledged stays on the box; mend the box, or take its certificate "
            f"from the broker"
        )
        if _counted(kind, digest, at_ms):
            return False
    _, new = Quarantine.objects.get_or_create(
        kind=kind,
        digest=digest,
        defaults={
            "topic": told,
            "payload": payload,
            "problem": text(problem),
            "code": problems.code_of(problem),
            "first_ms": at_ms,
            "last_ms": at_ms,
        },
    )
    return new


def _counted(kind: Quarantine.Kind, digest: str, at_ms: int) -> bool:
    """Whether this very thing was set aside before: then once more."""
    seen = Quarantine.objects.filter(kind=kind, digest=digest)
    return bool(seen.update(times=F("times") + 1, last_ms=at_ms))
