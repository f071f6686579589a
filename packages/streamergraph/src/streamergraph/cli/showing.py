"""Events on a terminal: lines and tables on standard output, progress and notes on standard error."""

from __future__ import annotations

import sys

from streamergraph.events import Event, Finished, Noted, Said, Started, Tabled, Work
from streamergraph.progress import clock

PLAIN_LINE_INTERVAL_SECONDS = 15.0
REDRAW_INTERVAL_SECONDS = 0.1
MOST_COLUMNS = 100


class Shown:
    """Shows events; of progress one row is redrawn on a terminal, elsewhere a line now and then."""

    def __init__(self) -> None:
        self._drawn_at: dict[str, float] = {}  # by label: seconds after its beginning
        self._row_is_open = False

    def __call__(self, event: Event) -> None:
        """Show one event."""
        match event:
            case Said(message):
                self._close_row()
                _say(message)
            case Tabled():
                self._close_row()
                _say_table(event)
            case Noted(message):
                self._line(f"note: {message}")
            case Work(total=None):
                if isinstance(event, Finished) and event.completed:
                    self._line(f"{event.label}: {clock(event.duration_seconds)}")
            case Started():
                self._drawn_at[event.label] = 0.0
            case Work():
                self._count(event, last=isinstance(event, Finished))

    def _count(self, work: Work, *, last: bool) -> None:
        interactive = sys.stderr.isatty()
        interval = REDRAW_INTERVAL_SECONDS if interactive else PLAIN_LINE_INTERVAL_SECONDS
        if not last and work.duration_seconds - self._drawn_at.get(work.label, 0.0) < interval:
            return
        self._drawn_at[work.label] = work.duration_seconds
        if interactive:
            sys.stderr.write(f"\r\x1b[2K{text(work)[:MOST_COLUMNS]}")
            self._row_is_open = True
            if last:
                self._close_row()
        else:
            sys.stderr.write(text(work) + "\n")
        sys.stderr.flush()

    def _line(self, line: str) -> None:
        self._close_row()
        sys.stderr.write(f"{line}\n")
        sys.stderr.flush()

    def _close_row(self) -> None:
        if self._row_is_open:
            sys.stderr.write("\n")
            sys.stderr.flush()
        self._row_is_open = False


def text(work: Work) -> str:
    """How far a piece of work is, in a line.

    >>> text(Work(label="import", total=10, done=2, duration_seconds=4))
    'import 2/10 files · 16 s left'
    """
    of = f"/{work.total}" if work.total else ""
    parts = [f"{work.label} {work.done}{of} {work.unit}s"]
    if 0 < work.done < (work.total or 0):
        left = ((work.total or 0) - work.done) * work.duration_seconds / work.done
        parts.append(f"{clock(left)} left")
    elif work.done:
        parts.append(f"took {clock(work.duration_seconds)}")
    return " · ".join(parts)


def _say(message: str) -> None:
    from rich.console import Console

    Console().print(message, soft_wrap=True, markup=False, highlight=False)


def _say_table(event: Tabled) -> None:
    from rich.console import Console
    from rich.markup import escape
    from rich.table import Table

    table = Table(title=escape(event.title))
    for k, heading in enumerate(event.header):
        table.add_column(escape(heading), justify="right" if k in event.numbers else "left")
    for row in event.rows:
        table.add_row(*(escape("" if cell is None else str(cell)) for cell in row))
    Console().print(table)
