"""« /sante », for a load balancer: whether this console can reach both databases. It tells nothing else."""

from django.contrib.auth.decorators import login_not_required
from django.db import Error, connections
from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe


@login_not_required
@require_safe
def health(_request: HttpRequest) -> HttpResponse:
    """200 « ok », or 503: no more requests for now."""
    try:
        for alias in ("default", "audit"):
            with connections[alias].cursor() as cursor:
                cursor.execute("SELECT 1")
    except Error:
        return HttpResponse("database\n", status=503, content_type="text/plain")
    return HttpResponse("ok\n", content_type="text/plain")
