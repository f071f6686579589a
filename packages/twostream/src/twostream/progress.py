"""Progress of long operations: a bar with rate and time left on a terminal, plain lines elsewhere."""

from __future__ import annotations

import shutil
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from types import TracebackType

PLAIN_LINE_INTERVAL_SECONDS = 15.0
BAR_COLUMNS = 24


@dataclass
class Progress:
    """Counts work done and prints it: `done` of `total` items, their rate, counters and time left.

    Use as a context manager. `advance(items, frames=12)` adds to the count and to named counters,
    which are shown as rates. Prints to standard error, so that standard output stays clean.
    """

    label: str
    total: int
    unit: str = "clip"
    done: int = 0
    already_done: int = 0
    counters: dict[str, int] = field(default_factory=dict)
    note: str = ""
    _started: float = field(default_factory=time.monotonic)
    _printed: float = 0.0

    def __enter__(self) -> Progress:
        self._started = time.monotonic()
        self._printed = self._started
        self.refresh()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.refresh(last=True)

    def advance(self, items: int = 1, **counters: int) -> None:
        """Add finished items (and counters, such as frames) and show it."""
        self.done += items
        for name, amount in counters.items():
            self.counters[name] = self.counters.get(name, 0) + amount
        self.refresh()

    def text(self) -> str:
        """The line as it would be printed now."""
        elapsed = max(time.monotonic() - self._started, 1e-6)
        fresh = self.done - self.already_done
        parts = [f"{self.label} {self.done}/{self.total} {self.unit}s"]
        if fresh > 0:
            parts.append(f"{fresh / elapsed:.1f} {self.unit}s/s")
            parts += [f"{amount / elapsed:.0f} {name}/s" for name, amount in self.counters.items()]
            if self.done < self.total:
                left = (self.total - self.done) * elapsed / fresh
                parts.append(f"{clock(left)} left")
            else:
                parts.append(f"took {clock(elapsed)}")
        if self.note:
            parts.append(self.note)
        return " · ".join(parts)

    def bar(self, columns: int) -> str:
        """The line with a bar in front, on a terminal of that many columns.

        Never so long that it wraps, since only one row can be redrawn: first the bar goes, then the
        end of the text.
        """
        text = self.text()
        if BAR_COLUMNS + 1 + len(text) >= columns:
            return text if len(text) < columns else text[: max(0, columns - 2)] + "…"
        filled = BAR_COLUMNS
        if self.total:
            filled = min(BAR_COLUMNS, round(BAR_COLUMNS * self.done / self.total))
        return "█" * filled + "░" * (BAR_COLUMNS - filled) + " " + text

    def refresh(self, *, last: bool = False) -> None:
        """Redraw the line: at most ten times a second on a terminal, every 15 seconds elsewhere."""
        now = time.monotonic()
        interactive = sys.stderr.isatty()
        interval = 0.1 if interactive else PLAIN_LINE_INTERVAL_SECONDS
        if not last and now - self._printed < interval:
            return
        self._printed = now
        if interactive:
            line = self.bar(shutil.get_terminal_size().columns)
            sys.stderr.write(f"\r\x1b[2K{line}" + ("\n" if last else ""))
        else:
            sys.stderr.write(self.text() + "\n")
        sys.stderr.flush()


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


def say(message: str) -> None:
    """Print one line on standard error, so that standard output stays clean."""
    sys.stderr.write(f"{message}\n")
    sys.stderr.flush()


@contextmanager
def step(message: str) -> Iterator[None]:
    """Announce one stage of a longer job on standard error, with the time it took."""
    started = time.monotonic()
    sys.stderr.write(f"{message} …\n")
    sys.stderr.flush()
    yield
    sys.stderr.write(f"{message}: {clock(time.monotonic() - started)}\n")
    sys.stderr.flush()
