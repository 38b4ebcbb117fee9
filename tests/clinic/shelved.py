"""A shelf with every package that the house's protocols name, by their rows alone: `python -m tests.clinic.shelved`."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from clinic.shelf.models import Package


def put_on_shelf(name: str, kind: str = "relaxation", against: tuple[str, ...] | None = ("hyperacusis",)) -> "Package":
    from clinic.clock import now_ms
    from clinic.shelf.models import Package

    number = f"{Package.objects.count() + 1:064x}"
    return Package.objects.create(
        fingerprint=number, package=name, version="1.0.0", title=f"La séance {name}", kind=kind, language="fr",
        duration_s=1262.6, style="piano et cordes", archive=number, size_bytes=1, added_ms=now_ms(),
        contraindications=None if against is None else list(against),
    )  # fmt: skip


def put_all() -> "dict[str, Package]":
    from clinic.plans.protocols import house_protocol, house_protocols

    cares = {care.package: care.kind for name in house_protocols() for care in house_protocol(name).activity}
    return {name: put_on_shelf(name, kind) for name, kind in sorted(cares.items())}


if __name__ == "__main__":
    import django

    django.setup()
    print(len(put_all()))
