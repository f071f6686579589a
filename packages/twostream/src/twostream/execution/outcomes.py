"""What becomes of a task: a result, a problem, or an error that ends the whole job."""

from __future__ import annotations

import traceback
from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic, TypeVar

from twostream.errors import TwostreamError

Task = TypeVar("Task")
Result = TypeVar("Result")


class FatalError(TwostreamError):
    """A problem of the whole job, such as a full disk: raised by one task, it ends them all."""


@dataclass(frozen=True)
class Outcome(Generic[Task, Result]):
    """What became of one task: a result, or the reason why there is none."""

    task: Task
    result: Result | None
    problem: str | None


def outcome_of(function: Callable[[Task], Result], task: Task) -> Outcome[Task, Result]:
    """Call ``function(task)`` and tell what became of it: one odd clip never ends a long job.

    Only FatalError is raised. An exception that is neither a TwostreamError nor an OSError is a bug: the
    problem says so, with the place, and the traceback goes to standard error.

    >>> outcome_of(abs, -3)
    Outcome(task=-3, result=3, problem=None)
    """
    try:
        return Outcome(task, function(task), None)
    except FatalError:
        raise
    except Exception as error:
        return Outcome(task, None, _problem(error))


def _problem(error: Exception) -> str:
    match error:
        case TwostreamError():
            return f"expected {error.expected}, found {error.found}; {error.remedy}"
        case OSError():
            return f"{type(error).__name__}: {error}"
        case MemoryError():
            return "not enough memory for it"
    traceback.print_exception(error)
    place = traceback.extract_tb(error.__traceback__)[-1]
    where = f"{place.name}, line {place.lineno}"
    return f"internal error, please report: {type(error).__name__}: {error} ({where})"
