"""A member of staff at the console: signs in and opens pages as a browser does."""

import http.cookiejar
import re
import urllib.parse
import urllib.request

from tests.support.house import CLINICIAN, PASSWORD, House


class Staff:
    """Claire, signed in."""

    def __init__(self, house: House) -> None:
        self._address = house.console_address.rstrip("/")
        jar = urllib.request.HTTPCookieProcessor(http.cookiejar.CookieJar())
        self._browser = urllib.request.build_opener(jar)
        self._sign_in()

    def open(self, path: str) -> str:
        with self._browser.open(self._address + path) as answer:
            page: str = answer.read().decode()
        return page

    def _sign_in(self) -> None:
        with self._browser.open(self._address + "/") as answer:
            form, login = answer.read().decode(), answer.url
        token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', form)
        assert token is not None
        fields = {"username": CLINICIAN, "password": PASSWORD, "csrfmiddlewaretoken": token.group(1)}
        request = urllib.request.Request(login, urllib.parse.urlencode(fields).encode(), {"Referer": login})
        with self._browser.open(request) as answer:
            answer.read()
