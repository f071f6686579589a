"""Events on a terminal: a bar with rate and time left, plain lines where nobody watches a screen."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from twostream.cli.plain import plain
from twostream.events import Event, Finished, Made, Said, Started, Warned, Work, listening
from twostream.progress import clock

PLAIN_LINE_INTERVAL_SECONDS = 15.0
REDRAW_INTERVAL_SECONDS = 0.1
BAR_COLUMNS = 24


class Shown:
    """Shows events on standard error, so that standard output stays clean; results by `show_result`.

    On a terminal one row is redrawn at most ten times a second; elsewhere a line is written every
    `every_seconds`.
    """

    def __init__(
        self,
        *,
        show_result: Callable[[object], None] | None = None,
        every_seconds: float = PLAIN_LINE_INTERVAL_SECONDS,
    ) -> None:
        self._show_result = show_result
        self._every_seconds = every_seconds
        self._drawn_at: dict[str, float] = {}  # by label: seconds after its beginning
        self._row_is_open = False
        self._warned: set[str] = set()

    def __call__(self, event: Event) -> None:
        """Show one event."""
        match event:
            case Said(message):
                self._line(message)
            case Warned(message):
                if message not in self._warned:  # once, as Python has it
                    self._warned.add(message)
                    self._line(f"note: {message}")
            case Made(result):
                self._close_row()
                if self._show_result is not None:
                    self._show_result(result)
            case Work(total=None):
                self._step(event)
            case Started():
                self._drawn_at[event.label] = 0.0
            case Work():
                self._count(event, last=isinstance(event, Finished))

    def _step(self, event: Work) -> None:
        if not isinstance(event, Finished):
            self._line(f"{event.label} …")
        elif event.completed:
            self._line(f"{event.label}: {clock(event.duration_seconds)}")

    def _count(self, work: Work, *, last: bool) -> None:
        interactive = sys.stderr.isatty()
        interval = REDRAW_INTERVAL_SECONDS if interactive else self._every_seconds
        drawn_at = self._drawn_at.get(work.label, 0.0)
        if not last and work.duration_seconds - drawn_at < interval:
            return
        self._drawn_at[work.label] = work.duration_seconds
        if interactive:
            sys.stderr.write(f"\r\x1b[2K{bar(work, shutil.get_terminal_size().columns)}")
            self._row_is_open = True
            if last:
                self._close_row()
        else:
            sys.stderr.write(text(work) + "\n")
        sys.stderr.flush()

    def _line(self, line: str) -> None:
        self._close_row()
        sys.stderr.write(f"{plain(line)}\n")
        sys.stderr.flush()

    def _close_row(self) -> None:
        if self._row_is_open:
            sys.stderr.write("\n")
            sys.stderr.flush()
        self._row_is_open = False


@contextmanager
def shown(*, every_seconds: float = PLAIN_LINE_INTERVAL_SECONDS) -> Iterator[None]:
    """Show on standard error what the body does: progress, lines and warnings, as the command line does.

    For notebooks and scripts, in which all is silent otherwise::

        with twostream.shown():
            twostream.run("videos", out="runs/first")

    Where standard error is no terminal, progress is one line every `every_seconds`.
    """
    with listening(Shown(every_seconds=every_seconds)):
        yield


def text(work: Work) -> str:
    """How far a piece of work is, in a line: count, rates, time left or taken, note.

    >>> text(Work(label="prepare", total=10, done=2, duration_seconds=4, counters={"frames": 100}))
    'prepare 2/10 clips · 0.5 clips/s · 25 frames/s · 16 s left'
    """
    total = work.total or 0
    elapsed = max(work.duration_seconds, 1e-6)
    fresh = since_called = work.done - work.already_done
    if work.done < total:
        elapsed = max(elapsed - work.warm_up_seconds, 1e-6)
        fresh -= work.warm_up_items
    parts = [f"{work.label} {work.done}/{total} {work.unit}s"]
    if fresh > 0:
        parts.append(f"{rate(fresh / elapsed, decimals=1)} {work.unit}s/s")
        parts += [
            f"{rate(amount * fresh / since_called / elapsed, decimals=0)} {name}/s"
            for name, amount in work.counters.items()
        ]
        if work.done < total:
            parts.append(f"{clock((total - work.done) * elapsed / fresh)} left")
        else:
            parts.append(f"took {clock(elapsed)}")
    if work.note:
        parts.append(work.note)
    return " · ".join(parts)


def rate(per_second: float, *, decimals: int) -> str:
    """A rate with so many decimals; a slow one with as many as it takes, for none that goes on is 0.

    >>> rate(12.34, decimals=1), rate(0.031, decimals=1), rate(0.4, decimals=0), rate(0, decimals=1)
    ('12.3', '0.03', '0.4', '0.0')
    """
    told = f"{per_second:.{decimals}f}"
    return told if float(told) or not per_second else f"{per_second:.1g}"


def bar(work: Work, columns: int) -> str:
    """The line with a bar in front, on a terminal of that many columns.

    Never so long that it wraps, since only one row can be redrawn: first the bar goes, then the end of the
    text.
    """
    line = text(work)
    if BAR_COLUMNS + 1 + len(line) >= columns:
        return line if len(line) < columns else line[: max(0, columns - 2)] + "…"
    filled = BAR_COLUMNS
    if work.total:
        filled = min(BAR_COLUMNS, round(BAR_COLUMNS * work.done / work.total))
    return "█" * filled + "░" * (BAR_COLUMNS - filled) + " " + line
