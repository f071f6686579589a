"""Progress of long operations, told as events: what is counted, and stages that only take time."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any

from twostream.events import Advanced, Finished, Started, emit


@dataclass
class Progress:
    """Counts work done and tells it: `done` of `total` items, counters and a note.

    Use as a context manager. `advance(items, frames=12)` adds to the count and to named counters.
    Of work that `warms_up` the first items wait for networks to be made ready, and tell nothing of
    the rest.
    """

    label: str
    total: int
    unit: str = "clip"
    done: int = 0
    already_done: int = 0
    counters: dict[str, int] = field(default_factory=dict)
    note: str = ""
    warms_up: bool = False
    _started: float = field(default_factory=time.monotonic)
    _warm_up: tuple[int, float] = (0, 0.0)

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

    def advance(self, items: int = 1, **counters: int) -> None:
        """Add finished items (and counters, such as frames) and tell it."""
        self.done += items
        for name, amount in counters.items():
            self.counters[name] = self.counters.get(name, 0) + amount
        if self.warms_up:
            self.is_warm()
        self.tell()

    def is_warm(self) -> None:
        """From here on what is done tells how fast it goes; before, something was made ready."""
        if not self._warm_up[0]:
            self._warm_up = self.done - self.already_done, time.monotonic() - self._started

    def tell(self) -> None:
        """Tell how far the work is, after its fields were set."""
        emit(Advanced(**self._now()))

    def _now(self) -> dict[str, Any]:
        return {
            "label": self.label,
            "total": self.total,
            "unit": self.unit,
            "done": self.done,
            "already_done": self.already_done,
            "duration_seconds": time.monotonic() - self._started,
            "counters": dict(self.counters),
            "note": self.note,
            "warm_up_items": self._warm_up[0],
            "warm_up_seconds": self._warm_up[1],
        }


def clock(duration_seconds: float) -> str:
    """A duration as people read it.

    >>> clock(7.4), clock(95), clock(7325)
    ('7 s', '1 min 35 s', '2 h 02 min')
    """
    seconds = round(duration_seconds)
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
