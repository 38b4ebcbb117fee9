from dataclasses import dataclass
from typing import Literal

State = Literal["ok", "warn", "fail"]


@dataclass(frozen=True)
class Finding:
    """`about`: a stable name, for machines. `remedy`: empty when it is well."""

    about: str
    state: State
    told: str
    remedy: str = ""


def fine(about: str, told: str) -> Finding:
    return Finding(about, "ok", told)


def warning(about: str, told: str, remedy: str) -> Finding:
    return Finding(about, "warn", told, remedy)


def failing(about: str, told: str, remedy: str) -> Finding:
    return Finding(about, "fail", told, remedy)
