"""Work of several cores at once: threads, since DuckDB and our kernels leave Python's lock to others."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import TypeVar

Task = TypeVar("Task")
Answer = TypeVar("Answer")


def each(work: Callable[[Task], Answer], tasks: Sequence[Task], threads: int) -> Iterator[Answer]:
    """What `work` makes of each task, in their order; so many at once.

    >>> list(each(abs, [3, -2], threads=2))
    [3, 2]
    """
    if threads == 1:
        yield from map(work, tasks)
        return
    with _pool(threads) as pool:
        yield from pool.map(work, tasks)


def ahead(items: Iterator[Answer], threads: int) -> Iterator[Answer]:
    """The same items, each made while the one before it is used, if there are several threads.

    >>> list(ahead(iter("abc"), threads=2))
    ['a', 'b', 'c']
    """
    if threads == 1:
        yield from items
        return
    with _pool(1) as pool:
        coming = pool.submit(next, items, None)
        while (item := coming.result()) is not None:
            coming = pool.submit(next, items, None)
            yield item


@contextmanager
def _pool(threads: int) -> Iterator[ThreadPoolExecutor]:
    pool = ThreadPoolExecutor(threads)
    try:
        yield pool
    finally:  # after an error or Ctrl-C only what has begun is waited for
        pool.shutdown(cancel_futures=True)
