"""A plan on pictures of the box's own screen."""

import re
from typing import Any

import pytest
from django.test import Client

from clinic.plans.models import CarePlan
from clinic.shelf.models import Package
from tests.clinic.conftest import Clinic
from tests.clinic.plan_pages import DRAFT, PAGE, begin, now, opened, shelf, sign

__all__ = ["shelf"]
pytestmark = pytest.mark.django_db(databases=["default", "audit"])


def pictures(page: str) -> list[str]:
    return re.findall(r'<img src="([^"]+\.png)"', page)


def test_the_draft_is_shown_as_the_box_will_show_it(
    console: Client, clinic: Clinic, shelf: dict[str, Package], settings: Any
) -> None:
    begin(console)
    shown = pictures(console.get(DRAFT).content.decode())
    assert len(shown) == 1 + 3 + 2, "home, three cares, two forms"
    first = [console.get(address) for address in shown[:3]]
    assert {answer.headers["Content-Type"] for answer in first} == {"image/png"}
    assert all(answer.content.startswith(b"\x89PNG") for answer in first)
    kept = list((settings.HOME.previews).glob("*/*.png"))
    assert len(kept) == len(shown), "one run drew them all"
    times = {path: path.stat().st_mtime_ns for path in kept}
    assert console.get(shown[3]).status_code == 200
    assert {path: path.stat().st_mtime_ns for path in kept} == times, "and they are kept"
    care = opened(console, f"{DRAFT}/soins/riviere") | {"title": "Une autre rivière"}
    console.post(f"{DRAFT}/soins/riviere", care)
    other = console.get(pictures(console.get(DRAFT).content.decode())[1])
    assert other.content != first[1].content
    assert console.get(f"{DRAFT}/ecran/..%2Fhome.png").status_code == 404
    sign(console)
    version = CarePlan.objects.get()
    signed = pictures(console.get(f"{PAGE}/versions/{version.pk}").content.decode())
    assert console.get(signed[1]).content == other.content


def test_what_cannot_be_drawn_is_told(
    console: Client, clinic: Clinic, shelf: dict[str, Package], tmp_path: Any, settings: Any
) -> None:
    from clinic.console.plans.preview import PreviewError, as_shown, picture

    begin(console, "blank")
    assert "L’aperçu vient quand tout est complet" in console.get(DRAFT).content.decode()
    console.post(f"{DRAFT}/abandonner")
    begin(console)
    shown = as_shown(now(), "Madame Martin")
    assert shown is not None
    with pytest.raises(PreviewError, match="screens of this plan"):
        picture(settings.HOME, shown, "no-such-screen", [])
    settings.PREVIEW_S_MAX = 0.001
    with pytest.raises(PreviewError, match="timed out"):
        picture(settings.HOME, shown, "home", [])
