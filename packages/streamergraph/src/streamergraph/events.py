"""What the library tells while it works: events, sent to whoever listens in the same context.

The library writes nothing on a terminal. The command line listens and prints lines, tables and progress; a
notebook or a server may listen too (`to_dict`). Without a listener all is silent, but for notes that a user
should know of, which then are Python's own warnings (`StreamergraphWarning`).
"""

from __future__ import annotations

import logging
import warnings
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import asdict, dataclass
from typing import Any

from streamergraph.errors import StreamergraphWarning


@dataclass(frozen=True, kw_only=True)
class Work:
    """How far a piece of work is: `done` of `total` items; `total` is None where nothing is counted."""

    label: str
    total: int | None = None
    unit: str = "file"
    done: int = 0
    duration_seconds: float = 0.0

    def to_dict(self) -> dict[str, Any]:
        """Plain values, for JSON.

        >>> Started(label="import", total=9).to_dict()["event"]
        'started'
        """
        return {"event": type(self).__name__.lower(), **asdict(self)}


class Started(Work):
    """A piece of work begins."""


class Advanced(Work):
    """A piece of work went on."""


@dataclass(frozen=True, kw_only=True)
class Finished(Work):
    """A piece of work is over; not `completed` where an error or Ctrl-C ended it."""

    completed: bool = True


@dataclass(frozen=True)
class Said:
    """One line of what came of it."""

    message: str

    def to_dict(self) -> dict[str, Any]:
        """Plain values, for JSON."""
        return {"event": "said", "message": self.message}


@dataclass(frozen=True)
class Noted:
    """One line that a user should know of, though all goes on."""

    message: str

    def to_dict(self) -> dict[str, Any]:
        """Plain values, for JSON."""
        return {"event": "noted", "message": self.message}


@dataclass(frozen=True)
class Tabled:
    """A table of what came of it; `numbers` are the columns that stand to the right."""

    title: str
    header: tuple[str, ...]
    rows: tuple[tuple[Any, ...], ...]
    numbers: frozenset[int] = frozenset()

    def to_dict(self) -> dict[str, Any]:
        """Plain values, for JSON, as far as those of the cells are."""
        rows = [dict(zip(self.header, row, strict=True)) for row in self.rows]
        return {"event": "tabled", "title": self.title, "rows": rows}


Event = Started | Advanced | Finished | Said | Noted | Tabled
Listener = Callable[[Event], None]

_listener: ContextVar[Listener | None] = ContextVar("streamergraph_listener", default=None)
# For debugging: all events but those of advance. Nothing is shown unless `logging` is told to.
_log = logging.getLogger("streamergraph")


@contextmanager
def listening(listener: Listener) -> Iterator[None]:
    """Send the events of the body to `listener`.

    >>> heard = []
    >>> with listening(heard.append):
    ...     say("here")
    >>> say("nobody hears this")
    >>> heard
    [Said(message='here')]
    """
    token = _listener.set(listener)
    try:
        yield
    finally:
        _listener.reset(token)


def emit(event: Event) -> None:
    """Send one event to the listener, if there is one."""
    if not isinstance(event, Advanced):
        _log.debug("%s", event)
    listener = _listener.get()
    if listener is not None:
        listener(event)


def say(message: str) -> None:
    """Tell one line."""
    emit(Said(message))


def note(message: str) -> None:
    """Tell what a user should know: to the listener, or as a warning of Python's where nobody listens."""
    emit(Noted(message))
    if _listener.get() is None:
        warnings.warn(message, StreamergraphWarning, stacklevel=2)


def say_table(
    title: str, header: Sequence[str], rows: Iterable[Sequence[Any]], *, numbers: Iterable[int] = ()
) -> None:
    """Tell a table; columns whose index is in `numbers` stand to the right."""
    emit(Tabled(title, tuple(header), tuple(map(tuple, rows)), frozenset(numbers)))
