"""Forms: those that the house ships, as data; a clinic's own, by their file."""

import tomllib
from importlib import resources
from pathlib import Path

import msgspec

from clinic.plans.forms.shorthand import FormShorthand, questionnaire
from mqtt_bridge.contract.codec import ContractError
from mqtt_bridge.contract.fhir_form import read_form
from mqtt_bridge.contract.form_rules import check_form
from mqtt_bridge.contract.forms import Questionnaire

HOUSE_FORM = "cinq-cones.fr"


def house_form(name: str = HOUSE_FORM) -> Questionnaire:
    """A form of the house, by its file's name. Raises ContractError."""
    try:
        return _from_toml((resources.files(__package__) / f"{name}.toml").read_text(), f"form {name!r}")
    except OSError as error:
        raise ContractError(f"form {name!r}: the house has {', '.join(house_forms())}") from error


def house_forms() -> tuple[str, ...]:
    """The names of the forms that the house ships."""
    found = [one.name for one in resources.files(__package__).iterdir() if one.name.endswith(".toml")]
    return tuple(sorted(name.removesuffix(".toml") for name in found))


def form_file(path: Path) -> Questionnaire:
    """A clinic's own: FHIR R4 JSON, or the house's TOML. Raises ContractError."""
    try:
        return _from_toml(path.read_text(), str(path)) if path.suffix == ".toml" else read_form(path.read_bytes())
    except OSError as error:
        raise ContractError(f"form {path}: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise ContractError(f"form {path}: not UTF-8 text") from error
    except ContractError as error:
        raise ContractError(f"form {path}: {error}") from error


def _from_toml(raw: str, name: str) -> Questionnaire:
    try:
        form = questionnaire(msgspec.convert(tomllib.loads(raw), FormShorthand))
    except (tomllib.TOMLDecodeError, msgspec.ValidationError) as error:
        raise ContractError(f"{name}: {error}") from error
    check_form(form)
    return form


__all__ = ["HOUSE_FORM", "form_file", "house_form", "house_forms"]
