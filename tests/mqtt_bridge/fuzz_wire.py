"""A fuzzing campaign on the wire: `make fuzz-wire`, or `python -m tests.mqtt_bridge.fuzz_wire --help`.

Atheris (libFuzzer) follows the coverage of the contract and of both ends, from a fixed seed; the first bytes that bring
anything but a reading, a quarantine or a refusal, or more than 512 MiB of memory, stop it with a traceback and are kept
as `crash-...` in var/fuzz. It ends with how many inputs there were and the most memory that it held.
"""

import argparse
import os
import sys
from pathlib import Path
from typing import NoReturn

import atheris  # type: ignore[import-untyped,import-not-found,unused-ignore]  # a wheel for x86_64 only

with atheris.instrument_imports(include=["mqtt_bridge"]):
    from tests.mqtt_bridge.hostile_wire import TARGETS, Grounds, folder_in_memory

SECONDS = 300
INPUT_BYTES_MAX = 16_384
MEMORY_MIB_MAX = 512
KEPT = Path("var/fuzz")


def main(arguments: list[str]) -> int:
    """Throw inputs until the time is over. libFuzzer ends its process by itself, so that is a child of ours."""
    asked = _asked(arguments)
    KEPT.mkdir(parents=True, exist_ok=True)
    with folder_in_memory() as folder:
        child = os.fork()
        if child == 0:
            _throw(folder, tuple(asked.target) or TARGETS, asked.seconds)
        _, status = os.waitpid(child, 0)
    return os.waitstatus_to_exitcode(status)


def _throw(folder: Path, targets: tuple[str, ...], seconds: int) -> NoReturn:
    """The first byte of each input chooses the target."""
    ground, corpus = Grounds(folder), folder / "corpus"
    corpus.mkdir()
    for number, target in enumerate(targets):
        (corpus / target).write_bytes(bytes([number]) + ground.examples[target])
    flags = [f"-max_total_time={seconds}", f"-max_len={INPUT_BYTES_MAX}", "-seed=1", "-print_final_stats=1"]
    flags += [f"-rss_limit_mb={MEMORY_MIB_MAX}", f"-malloc_limit_mb={MEMORY_MIB_MAX // 4}"]

    def throw(raw: bytes) -> None:
        if raw:
            ground.throw(targets[raw[0] % len(targets)], raw[1:])

    atheris.Setup([sys.argv[0], *flags, f"-artifact_prefix={KEPT}/wire-", str(corpus)], throw)
    atheris.Fuzz()
    raise AssertionError("atheris.Fuzz returned")


def _asked(arguments: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser("fuzz_wire", description="Hostile bytes at both ends of the wire.")
    parser.add_argument("--seconds", type=int, default=SECONDS, help="how long (default: %(default)s)")
    parser.add_argument("target", nargs="*", help=f"all by default: {', '.join(TARGETS)}")
    asked = parser.parse_args(arguments)
    if unknown := set(asked.target) - set(TARGETS):
        parser.error(f"no target {', '.join(sorted(unknown))}: there are {', '.join(TARGETS)}")
    return asked


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
