"""What a page orders to a box: under the clinic's keys, and ingest is woken."""

from collections.abc import Collection

from django.conf import settings
from django.http import HttpRequest

from clinic.bells import ring_ingest
from clinic.console.signed_in import practitioner_of
from clinic.coordination.tasks import end_by_reading
from clinic.errors import HomeError
from clinic.home import Home
from clinic.plans.orders import Pen
from clinic.results.reading import mark_read
from mqtt_bridge.seal import load_secret


def home_here() -> Home:
    """Raises HomeError."""
    home: Home | None = settings.HOME
    if home is None:
        raise HomeError("the console runs without a clinic: start it with `chevet-clinic console`")
    return home


def pen_here() -> Pen:
    return Pen(settings.CLINIC_ID, load_secret(home_here().clinic_keys))


def ring() -> None:
    """Orders were written: ingest sends them now and not in a few seconds."""
    ring_ingest(home_here())


def read_now(request: HttpRequest, shown: Collection[int]) -> set[int]:
    """The reports (keys of ledger rows) that are read now. Only a human being reads: not a HEAD, not a prefetch."""
    if request.method != "GET" or "prefetch" in request.headers.get("Sec-Purpose", ""):
        return set()
    who = practitioner_of(request)
    readings = mark_read(who, shown, pen_here())
    rows = {reading.row_id for reading in readings}
    if readings:
        end_by_reading(who, rows)
        ring()
    return rows
