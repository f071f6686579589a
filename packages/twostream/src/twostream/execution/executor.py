"""The one way in which this package maps work over clips: `Executor`."""

from __future__ import annotations

from collections.abc import Callable, Generator, Sequence
from typing import Protocol

from twostream.execution.outcomes import Outcome, Result, Task


class Executor(Protocol):
    """Maps a function over tasks; see `Inline` and `LocalProcesses`.

    Another one, for a cluster say, calls `outcome_of` wherever a task runs and yields what that returns.
    Functions, tasks, results and FatalError pickle, and no task needs memory that it shares with others;
    paths must mean the same files everywhere. With Dask, it comes to this:

    >>> class Cluster:
    ...     def __init__(self, client):
    ...         self.client = client  # a distributed.Client
    ...
    ...     def map(self, function, tasks):
    ...         from distributed import as_completed
    ...         from twostream.execution.outcomes import outcome_of
    ...
    ...         futures = [
    ...             self.client.submit(outcome_of, function, task, pure=False) for task in tasks
    ...         ]
    ...         try:
    ...             yield from (future.result() for future in as_completed(futures))
    ...         finally:
    ...             self.client.cancel(futures)
    """

    def map(
        self, function: Callable[[Task], Result], tasks: Sequence[Task]
    ) -> Generator[Outcome[Task, Result], None, None]:
        """Yield what became of ``function(task)`` for every task, each once, in any order.

        Raises FatalError as soon as a task does. Closing the generator gives up what is still to be done.
        """
        ...
