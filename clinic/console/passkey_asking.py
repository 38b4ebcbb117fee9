"""What a browser was asked to sign with a passkey: in the session, for one person and purpose, once, five minutes."""

import time
from dataclasses import dataclass
from typing import Literal

from django.conf import settings
from django.http import HttpRequest

from clinic.errors import HomeError
from clinic.people import webauthn
from clinic.people.models import Practitioner
from clinic.public_url import PublicUrl, public_url

Purpose = Literal["make", "answer"]
ASKED_S_MAX = 300
_KEPT = "passkey_asked"


@dataclass(frozen=True)
class Asked:
    challenge: str
    name: str
    """Of the passkey to be made."""


def place() -> PublicUrl | None:
    """Where passkeys hold; None while the console's public address is not set as it must be (`doctor` tells)."""
    try:
        return public_url(settings.PUBLIC_URL)
    except HomeError:
        return None


def ask(request: HttpRequest, who: Practitioner, purpose: Purpose, name: str = "") -> str:
    """A new challenge. The one before, in this session, holds no more."""
    challenge = webauthn.new_challenge()
    request.session[_KEPT] = {
        "purpose": purpose,
        "who": who.pk,
        "at_s": int(time.time()),
        "challenge": challenge,
        "name": name,
    }
    return challenge


def take(request: HttpRequest, who: Practitioner, purpose: Purpose) -> Asked | None:
    """What was asked, which is spent by this; None when nothing was, of somebody else, or too long ago."""
    kept = request.session.pop(_KEPT, None)
    if not kept or (kept["purpose"], kept["who"]) != (purpose, who.pk):
        return None
    return Asked(kept["challenge"], kept["name"]) if 0 <= time.time() - kept["at_s"] <= ASKED_S_MAX else None
