"""What the library tells while it works: events, sent to whoever listens in the same context.

The library writes nothing on a terminal. The command line listens and shows bars and lines, a notebook may
(`twostream.shown`), a server may pass events on (`to_dict`). Without a listener all is silent, but for
warnings, which then are Python's own (`TwostreamWarning`): to be filtered, or made errors, as any other.

Two listeners in two threads, or two asyncio tasks, do not hear each other.
"""

from __future__ import annotations

import logging
import warnings
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import asdict, dataclass, field
from typing import Any, TypeVar

from twostream.errors import TwostreamWarning

T = TypeVar("T")


@dataclass(frozen=True, kw_only=True)
class Work:
    """How far a piece of work is: `done` of `total` items; `total` is None where nothing is counted.

    Of the items `already_done` were there before, so that they say nothing about speed; nor do the first
    `warm_up_items`, which with the making ready before them took `warm_up_seconds`. `counters` count other
    things by name, such as frames.
    """

    label: str
    total: int | None = None
    unit: str = "clip"
    done: int = 0
    already_done: int = 0
    duration_seconds: float = 0.0
    counters: Mapping[str, int] = field(default_factory=dict)
    note: str = ""
    warm_up_items: int = 0
    warm_up_seconds: float = 0.0

    def to_dict(self) -> dict[str, Any]:
        """Plain values, for JSON.

        >>> Started(label="prepare", total=9).to_dict()["event"]
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
    """One line worth telling."""

    message: str

    def to_dict(self) -> dict[str, Any]:
        """Plain values, for JSON."""
        return {"event": "said", "message": self.message}


@dataclass(frozen=True)
class Warned:
    """One line that a user should know of, though all goes on."""

    message: str

    def to_dict(self) -> dict[str, Any]:
        """Plain values, for JSON."""
        return {"event": "warned", "message": self.message}


@dataclass(frozen=True)
class Made:
    """A result is there: what a verb returns, or one of several before the verb goes on."""

    result: object

    def to_dict(self) -> dict[str, Any]:
        """Plain values, for JSON, as far as the result knows its own (`to_dict`); else its kind alone."""
        plain = getattr(self.result, "to_dict", None)
        content = plain() if callable(plain) else None
        return {"event": "made", "kind": type(self.result).__name__, "result": content}


Event = Started | Advanced | Finished | Said | Warned | Made
Listener = Callable[[Event], None]

_listener: ContextVar[Listener | None] = ContextVar("twostream_listener", default=None)
# For debugging: all events but those of advance. Nothing is shown unless `logging` is told to.
_log = logging.getLogger("twostream")


@contextmanager
def listening(listener: Listener) -> Iterator[None]:
    """Send the events of the body, and of the threads that it starts, to `listener`.

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


def warn(message: str, *, stacklevel: int = 1) -> None:
    """Tell what a user should know: to the listener, or as a `TwostreamWarning` where nobody listens.

    `stacklevel` as in `warnings.warn`, counted from who calls this.
    """
    emit(Warned(message))
    if _listener.get() is None:
        warnings.warn(message, TwostreamWarning, stacklevel=stacklevel + 1)


def made(result: T) -> T:
    """Tell that a result is there, and return it."""
    emit(Made(result))
    return result


def heard_in_threads() -> Callable[[], None]:
    """The initializer of a pool of threads by which this context's listener hears them too."""
    listener = _listener.get()

    def initialize() -> None:
        _listener.set(listener)

    return initialize
