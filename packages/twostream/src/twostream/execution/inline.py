"""Tasks in this very process, one after another: for tests, for debuggers, for tasks of moments."""

from __future__ import annotations

from collections.abc import Callable, Generator, Sequence
from dataclasses import dataclass

from twostream.execution.outcomes import Outcome, Result, Task, outcome_of
from twostream.execution.services import Services, offering


@dataclass(frozen=True)
class Inline:
    """An `Executor` whose tasks have `cores` cores, each in its turn.

    Problems are told as in other processes, but nobody is there to stop a task that hangs, or to go on
    where one takes the process along.

    >>> [outcome.result for outcome in Inline().map(abs, [-1, -2])]
    [1, 2]
    """

    cores: int = 1

    def map(
        self, function: Callable[[Task], Result], tasks: Sequence[Task]
    ) -> Generator[Outcome[Task, Result], None, None]:
        """Yield the outcome of each task in their order; raises FatalError."""
        services = Services(cores=lambda: self.cores)
        for task in tasks:
            with offering(services):
                outcome = outcome_of(function, task)
            yield outcome
