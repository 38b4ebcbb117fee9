"""The life of a plan's versions: signed, sent, received, applied, stopped or replaced, each with its time."""

from dataclasses import dataclass

from django.db.models import Min
from django.utils.translation import gettext

from clinic.clock import now_ms
from clinic.console.told import Step, steps_of
from clinic.people.models import Patient
from clinic.plans.models import CarePlan, Order
from clinic.results.models import FormResponse, Session

VERSIONS_MAX = 50


@dataclass(frozen=True)
class Life:
    """One version. state: a code for the stylesheet; said: the same in words; steps: in their order."""

    version: CarePlan
    state: str
    said: str
    steps: tuple[Step, ...]


def lives_of(patient: Patient) -> list[Life]:
    """The newest first. Five queries, however many there are."""
    found = CarePlan.objects.filter(patient=patient).select_related("requester", "device").order_by("-signed_ms", "-id")
    versions = list(found[:VERSIONS_MAX])
    told = _orders(versions)
    orders = {one.care_plan_id: one for one in told if one.kind == Order.Kind.PLAN}
    stops = {one.care_plan_id: one for one in told if one.kind == Order.Kind.STOP}
    first = _first_heard(patient)
    lives, newer = [], None
    for version in versions:
        order, stop = orders.get(version.pk), stops.get(version.pk)
        steps = [Step(gettext("signé"), version.signed_ms), *(steps_of(order) if order else ())]
        if order is None or order.accepted is not False:
            steps.append(
                Step(gettext("appliqué : premier retour de la boîte"), first.get((version.plan, version.version)))
            )
        lives.append(_life(version, steps, stop, newer))
        newer = version
    return lives


def _orders(versions: list[CarePlan]) -> list[Order]:
    """Of each kind the first about a version stands last: a later one repeats it for another resident's sake."""
    return list(Order.objects.filter(care_plan__in=versions).defer("letter").order_by("-serial"))


def _life(version: CarePlan, steps: list[Step], stop: Order | None, newer: CarePlan | None) -> Life:
    if version.stopped_ms is not None:
        steps.append(Step(gettext("arrêté"), version.stopped_ms))
        if stop is not None:
            steps.append(Step(gettext("arrêt reçu par la boîte"), stop.received_ms))
        return Life(version, "stopped", gettext("arrêté"), tuple(steps))
    if newer is not None:
        steps.append(Step(gettext("remplacé par la version %(n)s") % {"n": newer.version}, newer.signed_ms))
        return Life(version, "replaced", gettext("remplacé"), tuple(steps))
    if version.content.period.end_ms <= now_ms():
        return Life(version, "over", gettext("terminé"), tuple(steps))
    return Life(version, "in-force", gettext("en vigueur"), tuple(steps))


def _first_heard(patient: Patient) -> dict[tuple[str, int], int]:
    """When this clinic first heard of a care or an answer under each version: the box had applied it then."""
    found: dict[tuple[str, int], int] = {}
    by = ("plan", "plan_version")
    cares = Session.objects.filter(patient=patient).order_by().values_list(*by).annotate(Min("first_received_ms"))
    forms = FormResponse.objects.filter(patient=patient).order_by().values_list(*by).annotate(Min("received_ms"))
    for plan, version, at_ms in cares.union(forms):
        if version:
            found[plan, version] = min(at_ms, found.get((plan, version), at_ms))
    return found
