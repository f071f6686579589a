"""What a training has to go on with: the backend of Keras and the scheme of its random numbers.

A checkpoint names the class of its optimiser, which belongs to the backend, and the random numbers of
backends differ. So a training stays with the one that it was begun with. Epochs of another scheme of
random streams are as good as those of this one, but not the same: going on with them is said.
"""

from __future__ import annotations

import json
import zipfile
from pathlib import Path
from typing import Any

from twostream.atomic import write_json
from twostream.environment import keras_backend
from twostream.errors import TwostreamError
from twostream.events import warn
from twostream.training.checkpoints import LAST_NAME
from twostream.training.randomness import SCHEME

COURSE_NAME = "course.json"


def begin_course(checkpoints: Path) -> None:
    """Note in a folder of checkpoints what they will be made with: before the first of them."""
    noted = {"backend": keras_backend(), "random_streams": SCHEME}
    write_json(checkpoints / COURSE_NAME, noted)


def check_course(checkpoints: Path) -> None:
    """Raise TwostreamError where the checkpoint to go on from was made under another backend.

    Reads a few bytes and imports nothing large: it can be asked before any work.
    """
    last = checkpoints / LAST_NAME
    if not last.is_file():
        return
    begun_with, now = _backends(checkpoints), keras_backend()
    if begun_with and now not in begun_with:
        raise TwostreamError(
            last,
            expected=f"Keras on {' or '.join(begun_with)}, with which this training was begun",
            found=f"Keras on {now}",
            remedy=f"set KERAS_BACKEND={begun_with[0]} to go on, or train into another folder",
        )


def check_random_streams(checkpoints: Path) -> None:
    """Warn, once, where the epochs done drew their samples from random streams of another scheme."""
    if _noted(checkpoints).get("random_streams") == SCHEME:
        return
    warn(
        f"{checkpoints}: begun by another version, which drew the order of clips and their views "
        "otherwise: the epochs to come are drawn as this version does",
        stacklevel=3,
    )
    begin_course(checkpoints)


def _noted(checkpoints: Path) -> dict[str, Any]:
    """What was noted when the training was begun; empty where it cannot be read, as in version 0.1."""
    try:
        noted = json.loads((checkpoints / COURSE_NAME).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return noted if isinstance(noted, dict) else {}


def _backends(checkpoints: Path) -> tuple[str, ...]:
    """The backends that the checkpoints may have been made under; empty where it cannot be told."""
    noted = _noted(checkpoints).get("backend")
    return (str(noted),) if noted else _backends_of_file(checkpoints / LAST_NAME)


def _backends_of_file(checkpoint: Path) -> tuple[str, ...]:
    """What the file itself tells, for trainings that were begun before the backend was noted.

    Of the backends PyTorch alone does not compile the step as a matter of course.
    """
    try:
        with zipfile.ZipFile(checkpoint) as file:
            compiled = json.loads(file.read("config.json"))["compile_config"]["jit_compile"]
    except (OSError, ValueError, KeyError, TypeError, zipfile.BadZipFile):
        return ()  # damaged: loading it says so
    return ("jax", "tensorflow") if compiled else ("torch",)
