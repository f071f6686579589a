"""What a training has to go on with: the backend of Keras under which its checkpoints were made.

A checkpoint names the class of its optimiser, which belongs to the backend, and the random numbers of
backends differ. So a training stays with the one that it was begun with.
"""

from __future__ import annotations

import json
import zipfile
from pathlib import Path

from twostream.atomic import write_json
from twostream.environment import keras_backend
from twostream.errors import TwostreamError
from twostream.training.checkpoints import LAST_NAME

COURSE_NAME = "course.json"


def begin_course(checkpoints: Path) -> None:
    """Note in a folder of checkpoints what they will be made with: before the first of them."""
    write_json(checkpoints / COURSE_NAME, {"backend": keras_backend()})


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


def _backends(checkpoints: Path) -> tuple[str, ...]:
    """The backends that the checkpoints may have been made under; empty where it cannot be told."""
    try:
        noted = json.loads((checkpoints / COURSE_NAME).read_text(encoding="utf-8"))
        return (str(noted["backend"]),)
    except (OSError, ValueError, KeyError, TypeError):
        return _backends_of_file(checkpoints / LAST_NAME)


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
