"""ImageNet weights of `keras.applications`: downloaded once into Keras's folder, then taken from there."""

from __future__ import annotations

import os
import re
import tempfile
from pathlib import Path
from typing import Any

from twostream.errors import TwostreamError
from twostream.models.reasons import reason


def application(name: str, *, pretrained: bool) -> Any:
    """The network `name` of `keras.applications` without its classifier.

    With `pretrained` it has its ImageNet weights, which Keras downloads on first use. Raises
    TwostreamError where they cannot be had, telling what to fetch elsewhere and where to put it.
    """
    import keras

    constructor = getattr(keras.applications, name)
    if not pretrained:
        return constructor(include_top=False, weights=None)
    try:
        return constructor(include_top=False, weights="imagenet")
    except Exception as error:  # urllib, ssl, OSError: whatever the download met
        raise TwostreamError(
            f"--backbone {name} --weights imagenet",
            expected="to download the ImageNet weights",
            found=f"no way to them ({_what_failed(error)})",
            remedy=f"{_by_hand(error)}, or give a file that you have: --backbone FILE.keras, "
            "--weights FILE.weights.h5; without any (--weights none) this takes thousands of clips",
        ) from error


def weights_folder() -> Path:
    """Where Keras looks for downloaded weights before it downloads them.

    As in `keras.utils.get_file`: ``$KERAS_HOME/models`` or ``~/.keras/models``, and where that may not
    be written ``/tmp/.keras/models``.
    """
    given = os.environ.get("KERAS_HOME")
    home = Path(given) if given else Path.home() / ".keras"
    if not os.access(home, os.W_OK):
        common = Path("/tmp")
        home = (common if common.is_dir() else Path(tempfile.gettempdir())) / ".keras"
    return home / "models"


ADDRESS = re.compile(r"https://\S+\.(?:h5|keras)\b")


def _what_failed(error: BaseException) -> str:
    """The reason without the address, which the remedy names, and without what Keras says before it."""
    return reason(error) if " -- " not in str(error) else str(error).rpartition(" -- ")[2]


def _by_hand(error: BaseException) -> str:
    address = ADDRESS.search(str(error))
    what = address.group() if address else "the file of weights"
    return f"fetch {what} on a machine with network and copy it into {weights_folder()}"
