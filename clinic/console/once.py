"""What a page sends is done once: a double click, or the Back button and « send » again, does nothing more.

Each page that adds something bears another random word (`{% once %}`); whoever comes first with it does what it asks.
"""

import functools
from collections.abc import Callable

from django.db import IntegrityError, transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect

from clinic.clock import now_ms
from clinic.console.models import SentOnce
from clinic.console.signed_in import practitioner_of
from clinic.console.typed import typed

FIELD, WORD_MAX, PLACE_MAX = "once", 32, 500
KEPT_MS = 24 * 3_600_000
View = Callable[..., HttpResponse]


def once(view: View) -> View:
    """The second goes where the first went; while that is still being done, to the page itself.

    What was refused, or failed, was not done: it may be sent again.
    """

    @functools.wraps(view)
    def done_once(request: HttpRequest, *words: object, **named: object) -> HttpResponse:
        word = typed(request, FIELD) if request.method == "POST" else ""
        if not 0 < len(word) <= WORD_MAX:
            return view(request, *words, **named)
        mine = SentOnce(practitioner=practitioner_of(request), word=word, sent_ms=now_ms())
        if not _is_first(mine):
            return HttpResponseRedirect(_place_of(mine) or request.path)
        try:
            response = view(request, *words, **named)
        except BaseException:
            mine.delete()
            raise
        _settle(mine, response)
        return response

    return done_once


def _is_first(mine: SentOnce) -> bool:
    SentOnce.objects.filter(sent_ms__lt=mine.sent_ms - KEPT_MS).delete()
    try:
        with transaction.atomic():
            mine.save(force_insert=True)
    except IntegrityError:
        return False
    return True


def _place_of(mine: SentOnce) -> str:
    first = SentOnce.objects.filter(practitioner=mine.practitioner, word=mine.word).first()
    return first.place if first else ""


def _settle(mine: SentOnce, response: HttpResponse) -> None:
    if response.status_code != 302:
        mine.delete()
        return
    mine.place = response.headers["Location"][:PLACE_MAX]
    mine.save(update_fields=["place"])
