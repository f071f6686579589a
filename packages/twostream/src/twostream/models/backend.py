"""Which framework Keras runs on: PyTorch, unless KERAS_BACKEND says otherwise."""

from __future__ import annotations

import os

BACKENDS = ("torch", "jax", "tensorflow")


def prepare_keras(*, seed: int | None = None) -> None:
    """Choose the backend before Keras is first imported, and seed it.

    Raises TwostreamError for a KERAS_BACKEND that is unknown or not installed.
    """
    import importlib.util

    from twostream.errors import TwostreamError

    backend = os.environ.setdefault("KERAS_BACKEND", "torch")
    if backend not in BACKENDS or importlib.util.find_spec(backend) is None:
        raise TwostreamError(
            "KERAS_BACKEND",
            expected=f"one of {', '.join(BACKENDS)} that is installed",
            found=backend,
            remedy="unset it to use PyTorch, or pip install the backend",
        )
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
    # PyTorch's memory in pages of 2 MB, where the system gives them: a training step spends a seventh of
    # its processor time on touching small ones for the first time.
    os.environ.setdefault("THP_MEM_ALLOC_ENABLE", "1")
    import keras

    if seed is not None:
        keras.utils.set_random_seed(seed)
