"""A clinic's own protocols, questionnaires and lessons: written as drafts, published, retired, never changed then."""

from dataclasses import dataclass

from django.db import IntegrityError, transaction

from clinic.clock import now_ms
from clinic.people.models import Practitioner
from clinic.plans.errors import PlanRefused
from clinic.plans.library import Kind, is_of_the_house
from clinic.plans.models import CanonicalResource

Status = CanonicalResource.Status


@dataclass(frozen=True)
class Written:
    """What is kept of one. document: the contract's JSON, empty while it is no valid one; editing: its editor's."""

    title: str
    document: bytes
    editing: bytes = b""
    imported: bytes = b""


def begin(kind: Kind, url: str, version: str, written: Written, by: Practitioner) -> CanonicalResource:
    """A new version, as a draft. Raises PlanRefused: there is one of this name, or the house has it."""
    if is_of_the_house(kind, url):
        raise PlanRefused("of-the-house", f"{url} is the house's own: give it another url")
    at_ms = now_ms()
    try:
        with transaction.atomic():
            return CanonicalResource.objects.create(
                kind=kind,
                url=url,
                version=version,
                title=written.title,
                document=written.document,
                editing=written.editing,
                imported=written.imported,
                created_by=by,
                created_ms=at_ms,
                changed_by=by,
                changed_ms=at_ms,
            )
    except IntegrityError as error:
        raise PlanRefused("canonical-taken", f"{url}|{version} is there already: give another version") from error


def change(resource: CanonicalResource, seen: int, written: Written, by: Practitioner) -> CanonicalResource:
    """Raises PlanRefused: it is published, or somebody has changed it since `seen` was shown."""
    with transaction.atomic():
        kept = _as_seen(resource, seen)
        kept.title, kept.document, kept.editing = written.title, written.document, written.editing
        kept.changed_by, kept.changed_ms, kept.revision = by, now_ms(), kept.revision + 1
        kept.save()
        return kept


def publish(resource: CanonicalResource, seen: int, by: Practitioner) -> CanonicalResource:
    """From now on it never changes, and plans may name it. Raises PlanRefused."""
    with transaction.atomic():
        kept = _as_seen(resource, seen)
        if not kept.document:
            raise PlanRefused("not-a-draft", f"{kept.canonical} cannot be asked yet: put it right first")
        kept.status, kept.published_ms = Status.ACTIVE, now_ms()
        kept.changed_by, kept.changed_ms = by, kept.published_ms
        kept.save()
        return kept


def retire(resource: CanonicalResource, by: Practitioner) -> None:
    """It is offered no more; plans that name it keep it."""
    active = CanonicalResource.objects.filter(pk=resource.pk, status=Status.ACTIVE)
    if not active.update(status=Status.RETIRED, changed_by=by, changed_ms=now_ms()):
        raise PlanRefused("not-a-draft", f"{resource.canonical} is not in use: there is nothing to retire")


def forget(resource: CanonicalResource, seen: int) -> None:
    """A draft that nobody wants. Raises PlanRefused."""
    with transaction.atomic():
        _as_seen(resource, seen).delete()


def next_version(kind: Kind, url: str) -> str:
    """A version that this url has not yet: the next whole number."""
    told = CanonicalResource.objects.filter(kind=kind, url=url).values_list("version", flat=True)
    numbers = [int(one) for one in told if one.isascii() and one.isdecimal()]
    return str(max([0, *numbers]) + 1)


def _as_seen(resource: CanonicalResource, seen: int) -> CanonicalResource:
    found = CanonicalResource.objects.select_for_update(of=("self",)).select_related("changed_by")
    kept = found.filter(pk=resource.pk).first()
    if kept is None:
        raise PlanRefused("not-a-draft", f"{resource.canonical} was given up meanwhile")
    if kept.status != Status.DRAFT:
        raise PlanRefused("published", f"{kept.canonical} is published: make a new version of it")
    if kept.revision != seen:
        raise PlanRefused("resource-moved", f"{kept.canonical}: {kept.changed_by.username} has changed it meanwhile")
    return kept
