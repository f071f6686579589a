"""Whenever a training is killed, history, last and best checkpoint are of one course."""

from __future__ import annotations

import itertools
import json
import random
from collections.abc import Iterator
from contextlib import nullcontext, suppress
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from twostream.errors import TwostreamError
from twostream.training import checkpoints as checkpoints_module
from twostream.training import fit as fit_module
from twostream.training.checkpoints import BEST_NAME, LAST_NAME
from twostream.training.course import begin_course
from twostream.training.history import (
    EpochRecord,
    RunningMean,
    read_history,
    write_history,
)
from twostream.training.random_state import save_random_state
from twostream.training.validated import Validated

EPOCHS, STEPS = 5, 7
WRITES = (
    "write_history",
    "save_random_state",
    "save_checkpoint",
    "keep_as_best",
    "remove_other_random_states",
)


class Unrepeatable:
    """A model whose every step comes out differently, as on a GPU; it remembers its last validation."""

    draws = random.Random(0)

    def __init__(self, iterations: int = 0, validated: float = 0.0) -> None:
        self.optimizer = SimpleNamespace(_iterations=iterations)
        self.validated = validated

    def train(self) -> tuple[RunningMean, float]:
        self.optimizer._iterations += STEPS
        return RunningMean(samples=1, loss=1.0, top1=0.5), 0.1

    def validate(self) -> Validated:
        self.validated = self.draws.random()
        return Validated(1.0, self.validated)

    def save(self, path: Path) -> None:
        path.write_text(json.dumps([self.optimizer._iterations, self.validated]))

    def _flatten_layers(self) -> list[Any]:
        return []


def load(path: Path, **_: Any) -> Unrepeatable:
    return Unrepeatable(*json.loads(path.read_text()))


@pytest.fixture(autouse=True)
def unrepeatable_steps(monkeypatch: pytest.MonkeyPatch) -> None:
    Unrepeatable.draws.seed(0)
    monkeypatch.setattr(checkpoints_module, "load_model_file", load)
    monkeypatch.setattr(fit_module, "use_fast_steps", lambda model: model)
    monkeypatch.setattr(fit_module, "averaged_weights", lambda model: nullcontext())
    monkeypatch.setattr(fit_module, "_one_epoch", lambda model, *_: model.train())
    monkeypatch.setattr(fit_module, "validate", lambda model, *_: model.validate())
    monkeypatch.setattr(fit_module, "tell_of_clips", lambda model, plan: None)


def fit(folder: Path, *, patience: int | None = None, validation: tuple[str, ...] = ("b",)) -> int:
    plan = SimpleNamespace(
        epochs=EPOCHS, patience=patience, sets=None, steps_per_epoch=lambda clips: STEPS
    )
    partition = SimpleNamespace(training=("a",), validation=validation)
    anything: Any = None
    return fit_module.fit(
        Unrepeatable,
        partition,  # type: ignore[arg-type]
        plan=plan,  # type: ignore[arg-type]
        source=anything,
        preprocessing=anything,
        folder=folder,
        label="train",
    )


class Killed(BaseException):
    """The end of the process, before the write with this number."""


def fit_killed_before(write: int, folder: Path) -> None:
    with pytest.MonkeyPatch.context() as patch:
        numbers = itertools.count()
        for name in WRITES:
            patch.setattr(fit_module, name, dies(getattr(fit_module, name), numbers, write))
        fit(folder)


def dies(function: Any, numbers: Iterator[int], write: int) -> Any:
    def write_or_die(*values: Any, **named: Any) -> Any:
        if next(numbers) == write:
            raise Killed
        return function(*values, **named)

    return write_or_die


def assert_of_one_course(folder: Path, *, selected: int) -> None:
    rows = {r.epoch: r.validation_top1 for r in read_history(folder / "history.csv")}
    assert list(rows) == list(range(1, EPOCHS + 1))
    last, best = (load(folder / "checkpoints" / name) for name in (LAST_NAME, BEST_NAME))
    assert last.optimizer._iterations == EPOCHS * STEPS
    assert last.validated == rows[EPOCHS]
    assert best.optimizer._iterations == selected * STEPS
    assert best.validated == rows[selected] == max(filter(None, rows.values()))
    assert [p.name for p in (folder / "checkpoints").glob("random_*")] == [f"random_{EPOCHS}.npz"]


@given(kills=st.lists(st.integers(0, EPOCHS * len(WRITES)), max_size=3), seed=st.integers(0, 2**32))
@settings(
    max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_best_is_the_epoch_that_the_history_says_whenever_it_was_killed(
    tmp_path_factory: pytest.TempPathFactory, kills: list[int], seed: int
) -> None:
    folder = tmp_path_factory.mktemp("run")
    Unrepeatable.draws.seed(seed)
    for write in kills:
        try:
            fit_killed_before(write, folder)
        except Killed:
            continue
    assert_of_one_course(folder, selected=fit(folder))


@pytest.mark.parametrize("write", range(EPOCHS * len(WRITES)))
def test_between_every_two_writes(tmp_path: Path, write: int) -> None:
    with suppress(Killed):
        fit_killed_before(write, tmp_path)
    assert_of_one_course(tmp_path, selected=fit(tmp_path))


def write_interrupted(folder: Path, validated: list[float], *, last: int, best: int | None) -> Path:
    """A training with these validation results, and checkpoints of these epochs."""
    checkpoints = folder / "checkpoints"
    rows = [
        EpochRecord(k + 1, "all", 0.1, 1.0, 0.5, 1.0, top1, 1.0) for k, top1 in enumerate(validated)
    ]
    write_history(folder / "history.csv", rows)
    checkpoints.mkdir()
    for name, epoch in ((LAST_NAME, last), (BEST_NAME, best)):
        if epoch is not None:
            Unrepeatable(epoch * STEPS, validated[epoch - 1]).save(checkpoints / name)
    save_random_state(checkpoints, Unrepeatable(), epoch=last)
    begin_course(checkpoints)
    return folder


def test_version_0_1_wrote_the_best_first_and_goes_on_from_it(tmp_path: Path) -> None:
    write_interrupted(tmp_path, [0.4, 0.5, 1.0], last=2, best=3)
    with pytest.warns(UserWarning, match="random_3.npz: missing or damaged.* other random draws"):
        selected = fit(tmp_path)
    assert selected == 3
    assert_of_one_course(tmp_path, selected=3)


@pytest.mark.parametrize(("best", "found"), [(None, "none"), (1, "that of epoch 1")])
def test_a_best_checkpoint_that_is_not_the_best_epochs_is_a_sentence(
    tmp_path: Path, best: int | None, found: str
) -> None:
    write_interrupted(tmp_path, [0.4, 0.9, 0.5], last=3, best=best)
    with pytest.raises(TwostreamError, match=f"epoch 2, the best of 3, found {found}"):
        fit(tmp_path)


def test_a_history_that_lacks_epochs_is_a_sentence(tmp_path: Path) -> None:
    write_interrupted(tmp_path, [0.4, 0.9], last=2, best=2)
    (tmp_path / "history.csv").unlink()
    with pytest.raises(TwostreamError, match="each of the 2 epochs done, found 0 of them"):
        fit(tmp_path)


def test_patience_without_clips_to_judge_by_is_told(tmp_path: Path) -> None:
    with pytest.warns(UserWarning, match="--patience ends nothing.* all 5 epochs are trained"):
        assert fit(tmp_path, patience=1, validation=()) == EPOCHS
