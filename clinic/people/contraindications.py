"""What a patient must not be given: asked of each contraindication that a package can name (H10)."""

from clinic.clock import now_ms
from clinic.people.models import Flag, Patient, Practitioner

Contraindications = dict[str, Flag | None]
"""By code, each that a package's manifest can name, in one order. None: nobody has asked, which is not « no »."""


def contraindications_of(patient: Patient) -> Contraindications:
    """The last word on each of them. One query.

    For who attributes a care: `present` forbids a package that names the code; None wants to be asked first.
    """
    last = {flag.code: flag for flag in Flag.objects.filter(patient=patient).select_related("author").order_by("id")}
    return {code: last.get(code) for code in Flag.Code.values}


def present_among(told: Contraindications, named: tuple[str, ...]) -> list[str]:
    """Those of a package's `named` ones that the patient has."""
    return [code for code in named if (flag := told.get(code)) is not None and flag.present]


def unasked_among(told: Contraindications, named: tuple[str, ...]) -> list[str]:
    """Those of a package's `named` ones that nobody has asked about; a code that this version knows not is one."""
    return [code for code in named if told.get(code) is None]


def note(patient: Patient, code: Flag.Code, *, present: bool, words: str, by: Practitioner | None) -> Flag | None:
    """Add a word on one; None when it says what the last one said already."""
    last = contraindications_of(patient)[code]
    said = words.strip()[:300]
    if last is not None and (last.present, last.note) == (present, said):
        return None
    return Flag.objects.create(patient=patient, code=code, present=present, note=said, author=by, recorded_ms=now_ms())
