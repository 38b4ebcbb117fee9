"""The whole table of hostile values: each of them in each field of each form, with each button. `make fuzz` runs it.

Half an hour on one core. It goes on after a fault, and ends by telling each kind of fault once.
"""

import traceback

import pytest

from tests.clinic import hostile_values
from tests.clinic.hostile_pages import Ground, Target
from tests.clinic.test_fuzz_pages import ground

__all__ = ["ground"]
pytestmark = [pytest.mark.django_db(databases=["default", "audit"]), pytest.mark.timeout(6 * 3600)]


def thrown(ground: Ground, target: Target, name: str, value: str, press: int, faults: dict[str, str]) -> None:
    told = target.form.filled(press) | {name: [value]}
    try:
        ground.throw(target, told)
    except Exception as error:  # noqa: BLE001  # whatever it is, it is what is looked for
        last = traceback.extract_tb(error.__traceback__)[-1]
        kind = f"{type(error).__name__} at {last.filename.rpartition('/')[2]}:{last.lineno}"
        if (where := f"{kind} by {target.form.action}") not in faults:
            faults[where] = f"{name}={value[:60]!r}, button {press}: {error}"
            print(where, faults[where], flush=True)


def test_every_value_in_every_field(ground: Ground) -> None:
    faults: dict[str, str] = {}
    thrown_n = 0
    for target in ground.targets:
        for press in range(max(1, len(target.form.buttons))):
            for name in target.form.fields:
                if name == "csrfmiddlewaretoken":
                    continue
                for value in (*hostile_values.ALL, hostile_values.BIG):
                    thrown(ground, target, name, value, press, faults)
                    thrown_n += 1
    print(f"{thrown_n} requests, {len(faults)} kinds of fault")
    assert faults == {}, "\n".join(f"{kind}: {how}" for kind, how in faults.items())
