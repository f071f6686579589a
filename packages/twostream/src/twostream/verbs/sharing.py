"""Several runs on one data set: each waits for who changes it, and keeps it as it is while it lasts."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

POLL_SECONDS = 0.5


@contextmanager
def prepared_and_kept(prepare: Callable[[], object], data: Path) -> Iterator[None]:
    """Call `prepare`, which makes `data`, and let nobody change `data` while the body runs.

    Where another process just makes or checks the same data set, its end is waited for, whether
    before or after our own turn. Raises FolderInUseError where somebody reads it and `prepare` would
    change it.
    """
    from twostream.locks import FolderInUseError

    try:
        prepare()
    except FolderInUseError:
        _prepare_after_others(prepare, data)
    with kept(data):
        yield


def _prepare_after_others(prepare: Callable[[], object], data: Path) -> None:
    from twostream.locks import FolderInUseError

    try:
        with kept(data):
            prepare()  # which takes what is there, since with our own lock it meets a reader
    except FolderInUseError:
        prepare()  # the others have not made all of it: it is ours to make, unless they read it


@contextmanager
def kept(data: Path) -> Iterator[None]:
    """Keep writers out of `data` while the body runs, after waiting for one who is at work."""
    from twostream.events import say
    from twostream.locks import FolderInUseError, reading

    told = False
    with ExitStack() as held:
        while True:
            try:
                held.enter_context(reading(data))
                break
            except FolderInUseError:
                if not told:
                    say(f"{data}: another process changes or checks it: waiting for its end")
                told = True
                time.sleep(POLL_SECONDS)
        yield
