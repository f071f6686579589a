"""One verb at a time writes a run folder."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import ParamSpec, TypeVar

P = ParamSpec("P")
R = TypeVar("R")


def holds_run(parameter: str) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """Run the verb while holding the lock of the run folder that its `parameter` names."""

    def decorate(verb: Callable[P, R]) -> Callable[P, R]:
        @functools.wraps(verb)
        def locked(*arguments: P.args, **options: P.kwargs) -> R:
            given = inspect.signature(verb).bind(*arguments, **options).arguments
            with held(Path(given[parameter])):
                return verb(*arguments, **options)

        return locked

    return decorate


@contextmanager
def held(run: Path) -> Iterator[None]:
    """Hold the lock of a run folder.

    A second process that wants the same folder ends with a TwostreamError instead of writing into
    the first one's files. A verb that calls other verbs holds the lock for all of them.
    A replacement that was interrupted half-way is ended first.
    """
    from twostream.locks import RUN_LOCK, sole_user
    from twostream.staging import settle, settle_before_reading

    # One of several splits may be replaced together with the others, by the run that holds them.
    settle_before_reading(run.parent, partial(sole_user, lock_name=RUN_LOCK))
    with sole_user(run, lock_name=RUN_LOCK):
        settle(run)
        yield
