"""The checkpoints of a training: the last epoch, from which it goes on, and the best one.

What an epoch leaves is written in this order: its row of the history, the state of the random draws, then
``last.keras``, which alone says that the epoch is done, and ``best.keras`` as a copy of it. Whenever the
process is killed, all that belongs to an epoch behind ``last.keras`` is dropped, and what is missing of
its own epoch is made from it.
"""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from twostream.atomic import atomic_path
from twostream.errors import TwostreamError
from twostream.models.files import load_model_file

START_NAME = "start.npz"  # of a training that goes on from an earlier run
LAST_NAME = "last.keras"
BEST_NAME = "best.keras"


def save_checkpoint(model: Any, path: Path) -> None:
    """Save a model with its optimiser's state, atomically."""
    with atomic_path(path) as temporary:
        model.save(temporary)


def load_checkpoint(path: Path) -> Any | None:
    """The checkpoint at `path` if there is one; raises TwostreamError where it is damaged."""
    # What the file names is registered by these.
    from twostream.training import loss, measures, optimizer  # noqa: F401

    return load_model_file(path, compiled=True) if path.exists() else None


def keep_as_best(folder: Path) -> None:
    """Make the last checkpoint the best one too."""
    _copy(folder / LAST_NAME, folder / BEST_NAME)


@dataclass(frozen=True)
class Found:
    """The checkpoint to go on from, how many epochs it has done, and of which epoch the best one is."""

    model: Any
    done: int
    best: int | None


def find_checkpoint(folder: Path, *, steps: int) -> Found | None:
    """What an interrupted training of `steps` steps an epoch left in `folder`; None where it is nothing.

    Raises TwostreamError for a damaged file.
    """
    model = load_checkpoint(folder / LAST_NAME)
    if model is None:
        return None
    done = _epochs(model, steps)
    kept = load_checkpoint(folder / BEST_NAME)
    if kept is None:
        return Found(model, done, None)
    best = _epochs(kept, steps)
    if (
        best > done
    ):  # version 0.1 wrote the best one first: it is the later of two whole checkpoints
        _copy(folder / BEST_NAME, folder / LAST_NAME)
        return Found(kept, best, best)
    return Found(model, done, best)


def settle_best(folder: Path, found: Found, *, best_epoch: int) -> None:
    """Let ``best.keras`` be that of `best_epoch`, the best one of the history up to `found`.

    Raises TwostreamError where it is of another epoch and cannot be had any more.
    """
    if best_epoch == found.done:
        keep_as_best(folder)
    elif best_epoch != found.best:
        raise TwostreamError(
            folder / BEST_NAME,
            expected=f"the checkpoint of epoch {best_epoch}, the best of {found.done}",
            found="none" if found.best is None else f"that of epoch {found.best}",
            remedy=f"remove {folder} to train this stream from the start",
        )


def _epochs(model: Any, steps: int) -> int:
    # `iterations` would count updates, of which accumulated gradients make fewer than steps.
    return int(model.optimizer._iterations) // steps


def _copy(source: Path, target: Path) -> None:
    with atomic_path(target) as temporary:
        shutil.copyfile(source, temporary)


def keep_start(model: Any, folder: Path) -> None:
    """Keep the weights that a training begins with, to which it goes back a part of the way."""
    with atomic_path(folder / START_NAME) as temporary, temporary.open("wb") as file:
        np.savez(file, *model.get_weights())


def kept_start(folder: Path) -> list[npt.NDArray[np.float32]] | None:
    """What `keep_start` kept, array by array; None where nothing was."""
    if not (folder / START_NAME).is_file():
        return None
    with np.load(folder / START_NAME) as kept:
        return [kept[f"arr_{number}"] for number in range(len(kept.files))]
