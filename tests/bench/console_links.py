"""Addresses as the console's own pages give them: what somebody comes to who follows every link, one of each page."""

import re
from collections import deque
from collections.abc import Mapping, Sequence
from html import unescape
from typing import Any

LINK = re.compile(r'(?:href|hx-get)="(/[^"#]*)')
"""What an `img` shows is no page."""
Places = dict[str, tuple[str, str]]
"""By the name of a page: who comes to it, and where."""


def places(clients: Mapping[str, Any], beginnings: Sequence[str]) -> Places:
    """Whoever comes later looks for what those before could not see."""
    found: Places = {}
    for who, client in clients.items():
        waiting, mine = deque(beginnings), set[str]()
        while waiting:
            address = waiting.popleft()
            name = name_of(address)
            if not name or name in mine or (name in found and address not in beginnings):
                continue
            answer = client.get(address)
            if answer.status_code != 200 or not answer.headers["Content-Type"].startswith("text/html"):
                continue
            mine.add(name)
            found.setdefault(name, (who, address))
            waiting.extend(map(unescape, LINK.findall(answer.content.decode())))
    return found


def name_of(address: str) -> str:
    """Of the page at this address; empty where there is none, as for a stylesheet."""
    from django.urls import Resolver404, resolve

    try:
        return resolve(address.partition("?")[0]).url_name or ""
    except Resolver404:
        return ""
