"""Which framework Keras runs on: PyTorch, unless KERAS_BACKEND or an earlier import says otherwise."""

from __future__ import annotations

import os
import sys

from twostream.environment import USUAL_BACKEND, available_cores, keras_backend
from twostream.extras import how_to_install

BACKENDS = ("torch", "jax", "tensorflow")


def choose_backend() -> None:
    """Choose the backend before Keras is first imported; imports nothing itself, which would take seconds.

    A program that has imported Keras already keeps the backend that it chose. Raises TwostreamError for
    a KERAS_BACKEND that is unknown, not installed, or set to another one since Keras was imported.
    """
    backend = keras_backend()
    if "keras" in sys.modules:
        _check_imported(backend)
    else:
        _check_installed(backend)
        os.environ["KERAS_BACKEND"] = backend
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
    # PyTorch's memory in pages of 2 MB, where the system gives them: a training step spends a seventh of
    # its processor time on touching small ones for the first time.
    os.environ.setdefault("THP_MEM_ALLOC_ENABLE", "1")


def prepare_keras(*, seed: int | None = None) -> None:
    """Import Keras on the backend of `choose_backend`, and seed it; raises TwostreamError as that does."""
    choose_backend()
    import keras

    if keras_backend() == "torch":
        _hold_torch_to_its_cores()
    if seed is not None:
        keras.utils.set_random_seed(seed)


def _hold_torch_to_its_cores() -> None:
    """PyTorch knows nothing of a container's quota; threads beyond it only wait for each other."""
    import torch

    if torch.get_num_threads() > available_cores():
        torch.set_num_threads(available_cores())


def _check_installed(backend: str) -> None:
    import importlib.util

    from twostream.errors import TwostreamError

    known = backend in BACKENDS
    if not known or importlib.util.find_spec(backend) is None:
        ways = ["unset it to use PyTorch"] if backend != USUAL_BACKEND else []
        ways += [how_to_install(backend)] if known else []
        raise TwostreamError(
            "KERAS_BACKEND",
            expected=f"one of {', '.join(BACKENDS)} that is installed",
            found=backend,
            remedy=", or ".join(ways),
        )


def _check_imported(backend: str) -> None:
    from twostream.errors import TwostreamError

    asked = os.environ.get("KERAS_BACKEND") or backend
    if asked != backend or backend not in BACKENDS:
        raise TwostreamError(
            "KERAS_BACKEND",
            expected=f"one of {', '.join(BACKENDS)}, set before Keras is imported",
            found=f"{asked}, in a program in which Keras runs on {backend} already",
            remedy="set it first and start Python again",
        )
