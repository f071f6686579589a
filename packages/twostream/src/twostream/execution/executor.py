"""The one way in which this package maps work over clips: `Executor`."""

from __future__ import annotations

from collections.abc import Callable, Generator, Sequence
from typing import Protocol

from twostream.execution.outcomes import Outcome, Result, Task


class Executor(Protocol):
    """Maps a function over tasks; see `Inline`, `LocalProcesses` and `DaskCluster`.

    Another one, for another engine, calls `outcome_of` wherever a task runs and yields what that returns.
    Functions, tasks, results and FatalError pickle, and no task needs memory that it shares with others;
    paths must mean the same files everywhere, or the function be a `Portable` whose files are sent.
    """

    def map(
        self, function: Callable[[Task], Result], tasks: Sequence[Task]
    ) -> Generator[Outcome[Task, Result], None, None]:
        """Yield what became of ``function(task)`` for every task, each once, in any order.

        Raises FatalError as soon as a task does. Closing the generator gives up what is still to be done.
        """
        ...
