"""Every check in its order. Those that need the database come after it has answered."""

from collections.abc import Callable, Iterator

from clinic.doctor import calls, machine, record, signing_in
from clinic.doctor.finding import Finding
from clinic.home import Configuration, Home

Check = Callable[[Home, Configuration], Iterator[Finding]]
OF_THE_MACHINE: tuple[Check, ...] = (
    machine.secrets,
    machine.certificates,
    machine.broker,
    machine.processes,
    machine.disk,
    machine.clock,
)
OF_THE_RECORD: tuple[Check, ...] = (
    record.times,
    record.to_check,
    record.trail,
    record.backups,
    signing_in.passkeys,
)


def examine(home: Home, configuration: Configuration) -> Iterator[Finding]:
    """With Django set up on this home."""
    yield from machine.settings_told(home, configuration)
    databases = list(record.databases(home, configuration))
    yield from databases
    for check in OF_THE_MACHINE:
        found = list(check(home, configuration))
        yield from found
        if check is machine.broker and found[0].state == "ok":
            yield from calls.calls(home, configuration)
    if any(found.state == "fail" for found in databases):
        return
    versions = list(record.migrations(home, configuration))
    yield from versions
    if all(found.state != "fail" for found in versions):
        for check in OF_THE_RECORD:
            yield from check(home, configuration)
