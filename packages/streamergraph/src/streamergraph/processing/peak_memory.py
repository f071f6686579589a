"""The most memory this process has held since a moment, where the system tells it (Linux)."""

from __future__ import annotations

import re
from pathlib import Path


def forget_peak() -> None:
    """Begin to watch for the peak anew; without effect where the system does not know it."""
    try:
        Path("/proc/self/clear_refs").write_text("5")
    except OSError:
        return


def memory_gib() -> float | None:
    """Resident memory now; None where the system does not tell."""
    return _status("VmRSS")


def peak_memory_gib() -> float | None:
    """The most resident memory since `forget_peak`; None where the system does not tell."""
    return _status("VmHWM")


def _status(name: str) -> float | None:
    try:
        text = Path("/proc/self/status").read_text(encoding="ascii")
    except OSError:
        return None
    found = re.search(rf"^{name}:\s+(\d+) kB$", text, re.MULTILINE)
    return int(found[1]) / 2**20 if found else None
