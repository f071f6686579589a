"""Progress of long operations: one redrawn line on a terminal, plain lines elsewhere."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from types import TracebackType

PLAIN_LINE_INTERVAL_SECONDS = 15.0


@dataclass
class Progress:
    """Counts `done` of `total` items and prints their rate and the time left to standard error.

    Use as a context manager.
    """

    label: str
    total: int
    unit: str = "file"
    done: int = 0
    _started: float = field(default_factory=time.monotonic)
    _printed: float = 0.0

    def __enter__(self) -> Progress:
        self._started = self._printed = time.monotonic()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._show(last=True)

    def advance(self, items: int = 1) -> None:
        """Add finished items and show it."""
        self.done += items
        self._show()

    def text(self) -> str:
        """The line as it would be printed now."""
        elapsed = max(time.monotonic() - self._started, 1e-6)
        of = f"/{self.total}" if self.total else ""
        parts = [f"{self.label} {self.done}{of} {self.unit}s"]
        if 0 < self.done < self.total:
            parts.append(f"{clock((self.total - self.done) * elapsed / self.done)} left")
        elif self.done:
            parts.append(f"took {clock(elapsed)}")
        return " · ".join(parts)

    def _show(self, *, last: bool = False) -> None:
        now = time.monotonic()
        interactive = sys.stderr.isatty()
        interval = 0.1 if interactive else PLAIN_LINE_INTERVAL_SECONDS
        if not last and now - self._printed < interval:
            return
        self._printed = now
        text = self.text()
        if interactive:
            sys.stderr.write(f"\r\x1b[2K{text[:100]}" + ("\n" if last else ""))
        else:
            sys.stderr.write(text + "\n")
        sys.stderr.flush()


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
def step(message: str) -> Iterator[None]:
    """Announce one stage of a longer job on standard error, with the time it took."""
    started = time.monotonic()
    yield
    sys.stderr.write(f"{message}: {clock(time.monotonic() - started)}\n")
    sys.stderr.flush()


def note(text: str) -> None:
    """Tell something on standard error that a user should know, and that ends nothing."""
    sys.stderr.write(f"note: {text}\n")
    sys.stderr.flush()
