"""What staff have to look at: conflicts, held reports, what could not be read."""

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from clinic.audit import trail
from clinic.console.gate import needs
from clinic.console.signed_in import practitioner_of
from clinic.people.may import What
from clinic.results.models import Quarantine
from clinic.results.to_check import held_rows, set_aside

ROWS_MAX = 100


@needs(What.CHECK_ARRIVALS)
@require_safe
def to_check(request: HttpRequest) -> HttpResponse:
    trail.record(practitioner_of(request).username, "read", "what is to be checked")
    held = Paginator(held_rows(), ROWS_MAX).page(1)
    context = {
        "nav": "to-check",
        "held": held,
        "conflicts": Paginator(set_aside().filter(kind=Quarantine.Kind.CONFLICT), ROWS_MAX).page(1),
        "unreadable": Paginator(set_aside().filter(kind=Quarantine.Kind.UNREADABLE), ROWS_MAX).page(1),
    }
    return render(request, "console/to_check.html", context)
