"""Functions over tasks that also run where the caller's files are not."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Generic

from twostream.execution.outcomes import Result, Task
from twostream.execution.parcels import Parcel


@dataclass(frozen=True)
class Portable(Generic[Task, Result]):
    """A function over tasks, and what an executor needs to run it on machines that share no folder.

    Called, it is `run`: executors of this machine need no more. All parts are functions of modules, so that
    it pickles.

    - `run(task)` where the files are the caller's.
    - `inputs(task)`: files and folders that it reads; `folder`: where it writes, if anywhere.
    - `moved(task, places, out)`: the task with its inputs at other `places`, writing below `out`.
    - `made(task)`: the file or folder that a task leaves, None for none.
    - `landed(task, result, parcel)`: keep on the caller's machine what a moved task left; returns the
      result as `run` would have returned it there.
    """

    run: Callable[[Task], Result]
    inputs: Callable[[Task], Sequence[Path]]
    moved: Callable[[Task, Mapping[Path, Path], Path], Task]
    made: Callable[[Task], Path | None]
    landed: Callable[[Task, Result, Parcel | None], Result]
    folder: Path | None = None

    def __call__(self, task: Task) -> Result:
        """Run it here."""
        return self.run(task)
