"""What a person writes about a recording; the rest of the manifest is measured."""

import tomllib
from pathlib import Path
from typing import Annotated

import msgspec
from msgspec import Meta

from audio.errors import RecordingError
from audio.package.manifest import (
    BreathAMinute,
    Contraindications,
    Identifier,
    Kind,
    Language,
    LongText,
    Phase,
    Text,
    Version,
)

DRAFT_BYTES_MAX = 1 << 16
DEFAULT_PHASE = "Séance"
Start = Annotated[str, Meta(pattern=r"\A([0-9]{1,2}:)?[0-9]{1,3}:[0-5][0-9]\Z")] | Annotated[float, Meta(ge=0)]

EXAMPLE = """\
# Une séance à partir de vos enregistrements. Complétez, puis :
#   chevet-audio build seance.wav --manifest seance.toml seance
# Le reste (durée, niveau, empreintes) est mesuré.

id = "mer-calme"                 # minuscules, chiffres et tirets : le nom du dossier sur la boîte
version = "1.0.0"                # à augmenter à chaque changement
title = "La mer calme"
kind = "relaxation"              # relaxation, crisis, sleep, sophrology, mediation, education
language = "zxx"                 # fr pour une voix française, zxx sans paroles
style = "piano et cordes"        # ce que la personne choisit ; facultatif

licence = "CC-BY-4.0"
source = "Conservatoire d’Exemple, classe de piano, enregistré le 3 mai 2026, interprètes : …"

# À qui cette séance ne convient pas sans avis : musicogenic-epilepsy, hyperacusis, dissociation, shortness-of-breath.
# [] si vous y avez pensé et qu’il n’y a rien. Une respiration guidée ne convient pas à qui manque de souffle.
contraindications = ["musicogenic-epilepsy", "hyperacusis"]
# breath_a_minute = 6            # si la séance guide le souffle

# Les phases, avec leur début (minutes:secondes). Facultatif.
[[phases]]
name = "Accueil"
start = "0:00"

[[phases]]
name = "Descente"
start = "4:30"

# Un bloc par enregistrement, dans l’ordre, si leurs licences ou leurs sources diffèrent. Facultatif.
# [[parts]]
# licence = "CC0-1.0"
# source = "Mer : enregistrée à Étretat par …"
"""


class DraftPhase(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A phase lasts until the next one begins. `start`: "4:30", "1:04:30", or seconds."""

    name: Text
    start: Start

    @property
    def start_s(self) -> float:
        if isinstance(self.start, str):
            minutes = self.start.split(":")
            return float(sum(int(number) * 60**place for place, number in enumerate(reversed(minutes))))
        return self.start


class DraftPart(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    licence: Text
    source: LongText


class Draft(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The TOML beside a recording."""

    id: Identifier
    version: Version
    title: Text
    kind: Kind
    language: Language
    licence: Text
    source: LongText
    contraindications: Contraindications
    style: Text | None = None
    breath_a_minute: BreathAMinute | None = None
    phases: Annotated[tuple[DraftPhase, ...], Meta(max_length=100)] = ()
    parts: Annotated[tuple[DraftPart, ...], Meta(max_length=1000)] = ()


def read_draft(file: Path) -> Draft:
    """Read a draft. Raises RecordingError (draft-invalid)."""
    try:
        with file.open("rb") as opened:
            raw = opened.read(DRAFT_BYTES_MAX)
        return msgspec.convert(tomllib.loads(raw.decode()), Draft)
    except OSError as error:
        raise _invalid(file, error.strerror) from error
    except (ValueError, RecursionError) as error:
        raise _invalid(file, error) from error


def phases_of(draft: Draft, duration_s: float) -> tuple[Phase, ...]:
    """Return the phases with their ends. Raises RecordingError (draft-phases)."""
    given = draft.phases or (DraftPhase(DEFAULT_PHASE, 0.0),)
    starts = [phase.start_s for phase in given]
    if starts[0] != 0 or any(one >= next_one for one, next_one in zip(starts, [*starts[1:], duration_s], strict=True)):
        raise RecordingError(
            "draft-phases",
            "The phases do not fit the recording",
            value=", ".join(f"{phase.name} at {phase.start_s:g} s" for phase in given),
            allowed=f"the first at 0, each later than the one before, all before the end at {duration_s:.1f} s",
            remedy="Correct the starts in the draft.",
        )
    ends = [*starts[1:], duration_s]
    return tuple(
        Phase(name=phase.name, start_s=start, end_s=end) for phase, start, end in zip(given, starts, ends, strict=True)
    )


def _invalid(file: Path, why: object) -> RecordingError:
    return RecordingError(
        "draft-invalid",
        "The draft cannot be used",
        value=f"{file}: {why}",
        allowed="a TOML file such as `chevet-audio draft` shows",
        remedy="Correct it, or begin with `chevet-audio draft > seance.toml`.",
    )
