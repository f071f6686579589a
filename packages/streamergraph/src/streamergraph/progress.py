"""Progress of long operations, told as events: what is counted, and stages that only take time."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any

from streamergraph.events import Advanced, Finished, Started, emit


@dataclass
class Progress:
    """Counts work done and tells it: `done` of `total` items. Use as a context manager."""

    label: str
    total: int
    unit: str = "file"
    done: int = 0
    _started: float = field(default_factory=time.monotonic)

    def __enter__(self) -> Progress:
        self._started = time.monotonic()
        emit(Started(**self._now()))
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        emit(Finished(**self._now(), completed=kind is None))

    def advance(self, items: int = 1) -> None:
        """Add finished items and tell it."""
        self.done += items
        emit(Advanced(**self._now()))

    def _now(self) -> dict[str, Any]:
        return {
            "label": self.label,
            "total": self.total,
            "unit": self.unit,
            "done": self.done,
            "duration_seconds": time.monotonic() - self._started,
        }


def clock(duration_seconds: float) -> str:
    """A duration as people read it.

    >>> clock(0.42), clock(7.4), clock(95), clock(7325)
    ('0.42 s', '7 s', '1 min 35 s', '2 h 02 min')
    """
    seconds = round(duration_seconds)
    if duration_seconds < 3:
        return f"{duration_seconds:.2g} s"
    if seconds < 60:
        return f"{seconds} s"
    if seconds < 3600:
        return f"{seconds // 60} min {seconds % 60:02d} s"
    return f"{seconds // 3600} h {seconds % 3600 // 60:02d} min"


@contextmanager
def step(label: str) -> Iterator[None]:
    """Tell one stage of a longer job: that it begins, and when it is done the time it took."""
    started = time.monotonic()
    emit(Started(label=label))
    completed = False
    try:
        yield
        completed = True
    finally:
        taken = time.monotonic() - started
        emit(Finished(label=label, duration_seconds=taken, completed=completed))
