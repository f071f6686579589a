"""What the C library does with memory that this process frees, where it is glibc."""

from __future__ import annotations

import ctypes
import sys
from collections.abc import Mapping
from typing import Literal

# By the names of glibc's <malloc.h>.
Parameter = Literal["M_TRIM_THRESHOLD", "M_MMAP_THRESHOLD", "M_MMAP_MAX", "M_ARENA_MAX"]
NUMBERS: dict[Parameter, int] = {
    "M_TRIM_THRESHOLD": -1,
    "M_MMAP_THRESHOLD": -3,
    "M_MMAP_MAX": -4,
    "M_ARENA_MAX": -8,
}
# Where it ends up by itself in a process that frees large blocks, unless the environment sets either.
LARGE_BLOCKS: dict[Parameter, int] = {
    "M_MMAP_THRESHOLD": 32 << 20,
    "M_TRIM_THRESHOLD": 64 << 20,
}

# Threads that come and go take one of up to eight heaps a core each, all of which grow to what any of their
# threads ever needed: to be set before there are threads.
ONE_HEAP: dict[Parameter, int] = {"M_ARENA_MAX": 1}


def glibc() -> ctypes.CDLL | None:
    """The C library of this process, if it is glibc."""
    if not sys.platform.startswith("linux"):
        return None
    library = ctypes.CDLL(None)
    return library if hasattr(library, "gnu_get_libc_version") else None


def tune(values: Mapping[Parameter, int]) -> None:
    """Set parameters of glibc's allocator for this process; nothing elsewhere."""
    library = glibc()
    if library is not None:
        for name, value in values.items():
            library.mallopt(NUMBERS[name], value)
