"""The plan of the demonstration: invented people, and everything that a plan may hold."""

from importlib import resources
from string import Template


def demonstration_plan(*, start: str, end: str, package: str, manifest: str, duration_s: int) -> str:
    """A plan's file, TOML. `start`, `end`: days, as 2026-11-22."""
    raw = (resources.files("clinic.plans") / "demonstration.fr.toml").read_text()
    return Template(raw).substitute(
        start=start, end=end, package=package, manifest=manifest, duration_s=str(duration_s)
    )
