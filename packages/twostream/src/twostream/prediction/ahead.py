"""Making things in a thread of its own while others are used, with a bound on how many wait."""

from __future__ import annotations

import queue
import threading
from collections.abc import Iterator
from contextvars import copy_context
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

T = TypeVar("T")
LOOK_UP_SECONDS = 0.1


@dataclass(frozen=True)
class _Failed:
    error: BaseException


class _End:
    """What comes after the last item."""


class Ahead(Generic[T]):
    """The items of an iterator, made in a thread of its own; at most `most` of them wait.

    What is raised while an item is made is raised where it would have come. To be closed by whoever stops
    before the end: nothing is made any more then, and the iterator is closed in its thread.

    >>> with Ahead(iter(range(3)), most=1) as items:
    ...     list(items)
    [0, 1, 2]
    """

    def __init__(self, items: Iterator[T], *, most: int) -> None:
        self._items = items
        self._waiting: queue.Queue[Any] = queue.Queue(most)
        self._stopped = threading.Event()
        # The thread is heard by whoever listens here.
        run = copy_context().run
        self._thread = threading.Thread(
            target=run, args=(self._make,), name="read ahead", daemon=True
        )
        self._thread.start()

    def __enter__(self) -> Ahead[T]:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def __iter__(self) -> Iterator[T]:
        return self

    def __next__(self) -> T:
        while not self._stopped.is_set():
            try:
                came = self._waiting.get(timeout=LOOK_UP_SECONDS)
            except queue.Empty:
                continue
            if isinstance(came, _End):
                break
            if isinstance(came, _Failed):
                self._stopped.set()
                raise came.error
            item: T = came
            return item
        self._stopped.set()
        raise StopIteration

    def close(self, *, patience_seconds: float | None = None) -> None:
        """Stop; wait until the thread has ended, or so long."""
        self._stopped.set()
        self._thread.join(patience_seconds)

    def _make(self) -> None:
        try:
            for item in self._items:
                if not self._put(item):
                    return
            self._put(_End())
        except BaseException as error:  # raised again by whoever takes the items
            self._put(_Failed(error))
        finally:
            close = getattr(self._items, "close", None)  # of a generator
            if close is not None:
                close()

    def _put(self, item: Any) -> bool:
        while not self._stopped.is_set():
            try:
                self._waiting.put(item, timeout=LOOK_UP_SECONDS)
                return True
            except queue.Full:
                continue
        return False
