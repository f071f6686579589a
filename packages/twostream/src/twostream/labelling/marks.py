"""Marks by which labels that we wrote are known, while nobody has changed them."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

MAKER = "twostream"
UNCHANGED = "a prediction of ours that nobody has changed; it was read as a label"


def mark_of(label: str, start: float, end: float, more: str = "") -> str:
    """A name for an interval that we wrote, by which it is known while nobody changed it.

    `more` is what else is written with it: its subject, or a note.
    """
    key = f"{label}\n{start:.6f}\n{end:.6f}\n{more}".encode("utf-8", "surrogateescape")
    return f"{MAKER}-{hashlib.sha256(key).hexdigest()[:12]}"


def digest_of(values: Sequence[object]) -> str:
    """A short name for all of some values."""
    return hashlib.sha256(repr(list(values)).encode("utf-8", "surrogateescape")).hexdigest()[:16]
