"""What a task may ask of whoever runs it, without knowing who that is."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass


@dataclass(frozen=True)
class Services:
    """What an executor does for a task: takes its signs of life, and tells its cores now."""

    still_alive: Callable[[], None] = lambda: None
    cores: Callable[[], int] = lambda: 1


NONE = Services()
_services: ContextVar[Services] = ContextVar("_services", default=NONE)


def still_alive() -> None:
    """Called by a long task now and then: its time limit begins anew. Cheap; no effect elsewhere."""
    _services.get().still_alive()


def cores_now() -> int:
    """How many cores the running task may use now, 1 or more; it may be asked again and again.

    >>> cores_now()
    1
    """
    return _services.get().cores()


@contextmanager
def offering(services: Services) -> Iterator[None]:
    """Offer `services` to the tasks that run in the body.

    >>> with offering(Services(cores=lambda: 4)):
    ...     cores_now()
    4
    """
    token = _services.set(services)
    try:
        yield
    finally:
        _services.reset(token)
