"""Reading saved models."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from twostream.errors import TwostreamError


def load_model_file(path: Path, *, compiled: bool = False) -> Any:
    """The Keras model saved at `path`, with its optimiser if `compiled`.

    Raises TwostreamError where the file is missing or damaged.
    """
    import keras

    try:
        return keras.saving.load_model(path, compile=compiled)
    except Exception as error:  # Keras raises whatever its readers raise
        raise TwostreamError(
            path,
            expected="a model that `twostream train` saved",
            found="no such file"
            if not path.is_file()
            else f"damaged data ({type(error).__name__})",
            remedy="remove the file and train the stream again",
        ) from error
