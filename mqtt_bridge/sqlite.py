"""sqlite-utils' door.

Where numpy is installed (Debian's pygame brings it) sqlite-utils loads it, only to know its types: a tenth of a second
and 11 MiB in each process, which nobody here uses. While it is loaded numpy counts as not installed.
"""

import sys
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def without(module: str) -> Iterator[None]:
    """Inside, `module` cannot be imported, unless it is loaded already."""
    if module in sys.modules:
        yield
        return
    sys.modules[module] = None  # type: ignore[assignment]  # Python's own way to say: not importable
    try:
        yield
    finally:
        del sys.modules[module]


with without("numpy"):
    from sqlite_utils import Database

__all__ = ["Database", "without"]
