"""What a process of the console does before its first page and after each."""

import gc
import subprocess
import sys
import weakref

from clinic.console.warming import TEMPLATES, tidy

ALONE = """
import django, gc, os
os.environ["DJANGO_SETTINGS_MODULE"] = "clinic.settings"
django.setup()
from clinic.console.warming import tidy, warm
from django.core.signals import request_finished
from django.template import engines
warm()
[loader] = engines["django"].engine.template_loaders
print(len(loader.get_template_cache), gc.get_freeze_count() > 50_000, len(request_finished.receivers))
"""


class Page:
    """In a circle, as what a query leaves behind."""

    def __init__(self) -> None:
        self.itself = self


def test_everything_is_loaded_before_the_first_page_and_never_looked_through_again() -> None:
    ran = subprocess.run([sys.executable, "-c", ALONE], stdout=subprocess.PIPE, text=True, check=True)
    loaded, frozen, receivers = ran.stdout.split()
    assert int(loaded) >= len(list(TEMPLATES.rglob("*.html"))) > 100
    assert frozen == "True"
    assert int(receivers) > 0


def test_what_a_page_left_behind_goes_when_it_is_sent() -> None:
    page = Page()
    gone = weakref.ref(page)
    gc.collect()
    del page
    tidy()
    assert gone() is not None, "next to nothing is left for later"
    for _ in range(gc.get_threshold()[1] + 2):
        gc.collect(1)
    tidy()
    assert gone() is None
