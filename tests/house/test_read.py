"""X2 in the whole house: the box says « Lues par » only once somebody has opened the page."""

import http.cookiejar
import re
import urllib.parse
import urllib.request

import pytest

from tests.support.house import CLINICIAN, PASSWORD, PATIENT, House
from tests.support.visit import Visit

pytestmark = [pytest.mark.slow, pytest.mark.timeout(240)]


def test_read_by_a_nurse_is_told_at_the_bedside(slow_house: House, slow_visit: Visit) -> None:
    house, visit = slow_house, slow_visit
    house.start("console")
    visit.to_playing()
    visit.stop()
    visit.finish()
    visit.see_in_record()
    visit.patient.touch("done")
    home = visit.patient.see_screen("HomeView")
    assert home["view"]["read"] == ""
    page = _open_sessions(house)
    assert "Jeanne Martin" in page
    visit.patient.see(lambda shown: shown["view"].get("read") == "Lues par Claire, infirmière", 90)


def _open_sessions(house: House) -> str:
    """Log in over HTTP and open the patient's page, as a browser does."""
    browser = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(http.cookiejar.CookieJar()))
    address = house.console_address.rstrip("/")
    with browser.open(address + "/") as answer:
        form, login = answer.read().decode(), answer.url
    token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', form)
    assert token is not None
    fields = {"username": CLINICIAN, "password": PASSWORD, "csrfmiddlewaretoken": token.group(1)}
    request = urllib.request.Request(login, urllib.parse.urlencode(fields).encode(), {"Referer": login})
    with browser.open(request):
        pass
    with browser.open(f"{address}/patients/{PATIENT}/seances") as answer:
        page: str = answer.read().decode()
    return page
