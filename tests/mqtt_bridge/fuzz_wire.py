"""A fuzzing campaign on the wire: `python -m tests.mqtt_bridge.fuzz_wire [runs] [target ...]`.

Atheris (libFuzzer) follows the coverage of the contract and of both ends, from a fixed seed; the first bytes that bring
anything but a reading, a quarantine or a refusal, or more than 512 MiB of memory, stop it with a traceback and are kept
as `crash-...` in var/fuzz.
"""

import sys
import tempfile
from pathlib import Path

import atheris  # type: ignore[import-untyped,import-not-found,unused-ignore]  # a wheel for x86_64 only

with atheris.instrument_imports(include=["mqtt_bridge"]):
    from tests.mqtt_bridge.hostile_wire import TARGETS, Grounds, grounds

RUNS = 200_000
INPUT_BYTES_MAX = 16_384
MEMORY_MIB_MAX = 512
KEPT = Path("var/fuzz")


def main(arguments: list[str]) -> None:
    """Throw `runs` inputs; the first byte of each chooses the target."""
    runs = int(arguments[0]) if arguments else RUNS
    targets = tuple(arguments[1:]) or TARGETS
    KEPT.mkdir(parents=True, exist_ok=True)
    with grounds() as ground, tempfile.TemporaryDirectory(prefix="chevet-corpus-") as corpus:
        _sow(ground, targets, Path(corpus))
        flags = [f"-atheris_runs={runs}", f"-max_len={INPUT_BYTES_MAX}", "-seed=1", f"-artifact_prefix={KEPT}/wire-"]
        flags += [f"-rss_limit_mb={MEMORY_MIB_MAX}", f"-malloc_limit_mb={MEMORY_MIB_MAX // 4}"]

        def throw(raw: bytes) -> None:
            if raw:
                ground.throw(targets[raw[0] % len(targets)], raw[1:])

        atheris.Setup([sys.argv[0], *flags, corpus], throw)
        atheris.Fuzz()


def _sow(ground: Grounds, targets: tuple[str, ...], corpus: Path) -> None:
    for number, target in enumerate(targets):
        (corpus / target).write_bytes(bytes([number]) + ground.examples[target])


if __name__ == "__main__":
    main(sys.argv[1:])
