"""The matricule INS, the French national health identity: its form, its key, and whose register an OID names.

Source: référentiel « Identifiant National de Santé » (Agence du numérique en santé): thirteen characters of the NIR
or NIA and a key of two digits, with the OID of the authority that gives it.
"""

import re
from typing import Literal

NIR, NIA = "1.2.250.1.213.1.4.8", "1.2.250.1.213.1.4.9"
TEST, DEMONSTRATION = "1.2.250.1.213.1.4.10", "1.2.250.1.213.1.4.11"
REAL_OIDS, INVENTED_OIDS = (NIR, NIA), (TEST, DEMONSTRATION)
_FORM = re.compile(r"[1-478][0-9]{2}[0-9]{2}([0-9]{2}|2A|2B)[0-9]{6}[0-9]{2}\Z")
_CORSICA = {"2A": "19", "2B": "18"}
"""The letters stand for numbers in the key."""

Fault = Literal["form", "key", "oid", "invented"]


def tidy(typed: str) -> str:
    """As it is kept: without spaces, letters large."""
    return "".join(typed.split()).upper()


def key_of(body: str) -> int:
    """The key of thirteen characters: 97 less the rest by 97."""
    number = body[:5] + _CORSICA.get(body[5:7], body[5:7]) + body[7:]
    return 97 - int(number) % 97


def fault_of(ins: str, oid: str, *, invented_people: bool) -> Fault | None:
    """What is wrong with them, None when nothing is.

    `invented_people`: a demonstration clinic, which knows the two test registers alone; another knows them not.
    """
    if not _FORM.match(ins):
        return "form"
    if key_of(ins[:13]) != int(ins[13:]):
        return "key"
    if oid not in (*REAL_OIDS, *INVENTED_OIDS):
        return "oid"
    return "invented" if (oid in INVENTED_OIDS) != invented_people else None


def grouped(ins: str) -> str:
    """As it is read aloud: 2 69 05 49 588 157 80."""
    parts = (ins[:1], ins[1:3], ins[3:5], ins[5:7], ins[7:10], ins[10:13], ins[13:])
    return "\N{NO-BREAK SPACE}".join(part for part in parts if part)
