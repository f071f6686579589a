"""Whoever runs the tasks: the same outcomes, and nothing that could not go to another machine."""

from __future__ import annotations

import pickle
from collections.abc import Callable, Generator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from contextlib import closing
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import pytest
import small_dataset
import worker_tasks
from hypothesis import given, settings
from hypothesis import strategies as st
from twostream.datasets.load import load_dataset
from twostream.errors import TwostreamError
from twostream.execution.executor import Executor
from twostream.execution.inline import Inline
from twostream.execution.outcomes import FatalError, Outcome, Result, Task, outcome_of
from twostream.execution.processes import LocalProcesses
from twostream.execution.services import Services, cores_now, offering
from twostream.preparation.clip_tasks import clip_tasks
from twostream.preparation.dataset import prepare_dataset
from twostream.preparation.ensure import ensure_clip
from twostream.preparation.options import ExtractionOptions, PrepareOptions

EXECUTORS: dict[str, Executor] = {"inline": Inline(), "processes": LocalProcesses(2)}
HARMLESS = st.lists(st.sampled_from(["fine", "bug", "system", "memory", "user"]), max_size=12)


class Elsewhere:
    """Another engine, as a user would write it for a cluster: it knows of `outcome_of` alone."""

    def map(
        self, function: Callable[[Task], Result], tasks: Sequence[Task]
    ) -> Generator[Outcome[Task, Result], None, None]:
        with ProcessPoolExecutor(2, mp_context=get_context("spawn")) as pool:
            futures = [pool.submit(outcome_of, function, task) for task in tasks]
            yield from (future.result() for future in as_completed(futures))


def run(executor: Executor, tasks: Sequence[Any]) -> list[tuple[Any, Any, str | None]]:
    done = executor.map(worker_tasks.misbehave, tasks)
    return sorted(((o.task, o.result, o.problem) for o in done), key=repr)


@settings(max_examples=3)
@given(kinds=HARMLESS)
def test_the_same_tasks_have_the_same_outcomes(kinds: list[str]) -> None:
    expected = run(EXECUTORS["inline"], kinds)
    assert [task for task, _, _ in expected] == sorted(kinds, key=repr)
    assert run(EXECUTORS["processes"], kinds) == expected


@given(kinds=HARMLESS)
def test_a_task_has_a_result_or_a_problem(kinds: list[str]) -> None:
    for task, result, problem in run(EXECUTORS["inline"], kinds):
        assert (result == task) == (problem is None) == (task == "fine")


@pytest.mark.parametrize("executor", EXECUTORS.values(), ids=EXECUTORS)
def test_an_error_of_the_whole_job_ends_it(executor: Executor) -> None:
    with pytest.raises(FatalError, match="make room"):
        list(executor.map(worker_tasks.full, [1]))


def test_what_is_not_asked_for_is_not_done() -> None:
    done: list[int] = []

    def note(number: int) -> None:
        done.append(number)

    with closing(Inline().map(note, [1, 2, 3])) as outcomes:
        next(outcomes)
    assert done == [1]


def test_a_task_has_the_cores_that_it_is_told() -> None:
    assert [o.result for o in Inline(cores=3).map(lambda _: cores_now(), [0])] == [3]
    with offering(Services(cores=lambda: 2)):
        assert cores_now() == 2
    assert cores_now() == 1


def test_tasks_and_outcomes_travel(small_videos: Path, tmp_path: Path) -> None:
    dataset = load_dataset(small_videos, annotations=None, seed=0)
    tasks = clip_tasks(dataset, tmp_path, options=ExtractionOptions(flow="dis"))
    function, there = pickle.loads(pickle.dumps((ensure_clip, tasks)))
    assert there == tasks
    outcome = outcome_of(function, there[0])
    assert outcome.problem is None
    assert pickle.loads(pickle.dumps(outcome)) == outcome
    error = FatalError("disk", expected="room", found="none", remedy="make room")
    again = pickle.loads(pickle.dumps(error))
    assert (type(again), str(again)) == (FatalError, str(error))
    assert isinstance(again, TwostreamError)


def test_a_data_set_is_the_same_whoever_makes_it(tmp_path: Path) -> None:
    videos = small_dataset.write_videos(tmp_path / "videos", classes=["down", "left"], groups=2)
    made = []
    for name, executor in {"inline": Inline(), "elsewhere": Elsewhere()}.items():
        prepare_dataset(
            videos,
            tmp_path / name,
            PrepareOptions(extraction=ExtractionOptions(flow="dis"), timeout=60),
            executor=executor,
        )
        files = sorted((tmp_path / name / "clips").rglob("*.zip"))
        made.append(
            {path.relative_to(tmp_path / name).as_posix(): path.read_bytes() for path in files}
        )
    assert len(made[0]) == 4
    assert made[0] == made[1]
