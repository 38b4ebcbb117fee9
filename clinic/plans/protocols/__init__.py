"""Protocols that the house ships, as data (A10, B1). A clinic's own are in the database: clinic.plans.library."""

import functools
import tomllib
from importlib import resources

import msgspec
from msgspec.structs import replace

from clinic.plans.protocols.definition import (
    PATHWAYS,
    CareTemplate,
    English,
    LimitsTemplate,
    Pathway,
    PlanDefinition,
)
from mqtt_bridge.contract.codec import ContractError

SUFFIX = ".fr.toml"


@functools.cache
def house_protocols() -> tuple[str, ...]:
    """The names of the protocols that the house ships."""
    found = [one.name for one in resources.files(__package__).iterdir() if one.name.endswith(SUFFIX)]
    return tuple(sorted(name.removesuffix(SUFFIX) for name in found))


@functools.cache
def house_protocol(name: str) -> PlanDefinition:
    """One of them, with the cares that it uses of others. Raises ContractError."""
    if name not in house_protocols():
        raise ContractError(f"protocol {name!r}: the house has {', '.join(house_protocols())}")
    definition = _read(name)
    used = tuple(_used(one, name) for one in definition.uses)
    return replace(definition, uses=(), activity=(*used, *definition.activity))


def _read(name: str) -> PlanDefinition:
    raw = (resources.files(__package__) / f"{name}{SUFFIX}").read_text()
    try:
        return msgspec.convert(tomllib.loads(raw), PlanDefinition)
    except (tomllib.TOMLDecodeError, msgspec.ValidationError) as error:
        raise ContractError(f"protocol {name!r}: {error}") from error


def _used(told: str, name: str) -> CareTemplate:
    protocol, _, care = told.partition("/")
    if protocol == name or protocol not in house_protocols():
        raise ContractError(f"protocol {name!r} uses {told!r}: the house has {', '.join(house_protocols())}")
    return _read(protocol).care(care)


__all__ = [
    "PATHWAYS", "CareTemplate", "English", "LimitsTemplate", "Pathway", "PlanDefinition", "house_protocol",
    "house_protocols",
]  # fmt: skip
