"""What a process of the console does before its first page and after each, so that no page pays for it."""

import gc
from pathlib import Path

from django.core.signals import request_finished
from django.template.loader import get_template
from django.urls import get_resolver

TEMPLATES = Path(__file__).parent / "templates"


def warm() -> None:
    """Load what stays for as long as the process; the garbage collector looks at none of it again, and after pages.

    By itself it came in the middle of one page in fourteen, for 40 to 120 ms (measured, 3.11): through the hundred
    thousand objects of Django and our templates, which are never garbage, and the queries of the pages before, which
    all are.
    """
    for file in sorted(TEMPLATES.rglob("*.html")):
        get_template(str(file.relative_to(TEMPLATES)))
    get_resolver().check()
    gc.collect()
    gc.freeze()
    request_finished.connect(tidy)


def tidy(**_of_the_signal: object) -> None:
    """After an answer was sent: what its page left behind, unless that is next to nothing."""
    if gc.get_count()[2]:
        gc.collect()
