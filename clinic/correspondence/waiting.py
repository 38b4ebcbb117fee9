"""What waits for somebody, for « Ma journée »: help asked for, and deliveries that nobody has dealt with."""

from collections.abc import Iterator

from clinic.correspondence import helping
from clinic.correspondence.models import Delivery
from clinic.people.access import patients_of
from clinic.people.may import What
from clinic.people.models import Practitioner
from clinic.worklist import Entry


def help_asked(who: Practitioner, _now_ms: int) -> Iterator[Entry]:
    for asked in helping.still_open(who):
        yield Entry(
            kind="help",
            since_ms=asked.known_ms,
            page="one-help",
            arguments=(asked.pk,),
            patient=asked.patient,
            rule=asked.rule,
            uncertain=asked.error_ms is None,
            owner=asked.owner,
            taken_ms=asked.taken_ms,
            box=asked.device_id,
        )


def deliveries(who: Practitioner, _now_ms: int) -> Iterator[Entry]:
    """Those that the team has not answered yet."""
    mine = patients_of(who, What.TELL_DELIVERIES)
    found = Delivery.objects.filter(patient__in=mine, state=Delivery.State.ASKED).select_related("patient")
    for one in found.order_by("first_received_ms", "pk"):
        yield Entry(
            kind="delivery",
            since_ms=one.first_received_ms,
            page="delivery",
            arguments=(one.pk,),
            patient=one.patient,
            uncertain=True,
        )
