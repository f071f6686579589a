"""Reading saved models and weights, and saying what is wrong with a file that cannot be read."""

from __future__ import annotations

import hashlib
import json
import re
import warnings
import zipfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from twostream.errors import TwostreamError
from twostream.models.backend import prepare_keras
from twostream.models.keras_2 import WAY, hdf5_version, is_whole_model, load_hdf5_model
from twostream.models.reasons import reason


def load_model_file(path: Path, *, compiled: bool = False) -> Any:
    """The Keras model saved at `path`, with its optimiser if `compiled`.

    Raises TwostreamError where the file is missing, damaged, or saved by a later Keras.
    """
    prepare_keras()  # by itself Keras looks for TensorFlow, which need not be there
    import keras

    try:
        return keras.saving.load_model(path, compile=compiled)
    except Exception as error:  # Keras raises whatever its readers raise
        refuse_later_keras(path)
        raise TwostreamError(
            path,
            expected="a model that `twostream train` saved",
            found="no such file"
            if not path.is_file()
            else f"damaged data ({type(error).__name__})",
            remedy="remove the file and train the stream again"
            if path.is_file()
            else "call the command that trained it again",
        ) from error


def load_network_file(path: Path) -> Any:
    """The image network in a ``.keras`` file, or in HDF5: one image (h, w, 3) in, one map out.

    A `Sequential` model, and one whose input is a list of one, come as plain functional models of the
    same layers. Raises TwostreamError for any other file.
    """
    import keras

    try:
        hdf5 = is_whole_model(path)
        model = load_hdf5_model(path) if hdf5 else keras.saving.load_model(path, compile=False)
    except TwostreamError:
        refuse_later_keras(path)
        raise
    except Exception as error:  # Keras raises whatever its readers raise
        refuse_later_keras(path)
        raise TwostreamError(
            path,
            expected="a model saved by Keras 3",
            found=_damage(path) or f"something else ({reason(error)})",
            remedy=_to_be_saved_again(path, error),
        ) from error
    inputs, outputs = getattr(model, "inputs", None), getattr(model, "outputs", None)
    if not inputs or not outputs:
        raise TwostreamError(
            path,
            expected="a functional or sequential Keras model of a known input",
            found=f"a {type(model).__name__} that does not tell its layers",
            remedy="build it from keras.Input((None, None, 3)) on and save it again",
        )
    taken = [tuple(tensor.shape[1:]) for tensor in inputs]
    given = [tuple(tensor.shape[1:]) for tensor in outputs]
    remedy = _what_is_amiss(taken, given)
    if remedy is not None:
        raise TwostreamError(
            path,
            expected="a backbone from (h, w, 3) images to (h, w, features) maps",
            found=f"{_listed(taken)} to {_listed(given)}",
            remedy=remedy,
        )
    if isinstance(model, keras.Sequential) or not all(
        isinstance(end, keras.KerasTensor) for end in (model.input, model.output)
    ):
        return keras.Model(inputs[0], outputs[0], name=model.name)
    return model


def _what_is_amiss(
    taken: Sequence[tuple[int | None, ...]], given: Sequence[tuple[int | None, ...]]
) -> str | None:
    """What to do about a network that is no backbone, by its shapes; None: it is one.

    >>> _what_is_amiss([(3, 64, 64)], [(8, 62, 62)])
    'build it for channels last, from keras.Input((None, None, 3)) on, and save it again'
    """
    if len(taken) > 1:
        return "save a network of one input, an image"
    if len(taken[0]) != 3:
        return "save a network of single images, one without a layer of time"
    if taken[0][-1] != 3 and taken[0][0] == 3:
        return "build it for channels last, from keras.Input((None, None, 3)) on, and save it again"
    if taken[0][-1] != 3:
        return "build it for three channels, and save it again"
    if len(given) > 1:
        return (
            "keep one of its outputs, keras.Model(model.inputs[0], model.outputs[0]), and save that"
        )
    return None if len(given[0]) == 3 else "cut the classifier off and save the rest"


def load_weights_file(model: Any, path: Path) -> None:
    """Give `model` the weights saved at `path`; raises TwostreamError where they do not fit it.

    Those of a classifier on top of it may be there too and are left. Those of a deeper network do not
    fit, though Keras would take what it can use of them without a word.
    """
    try:
        with warnings.catch_warnings():
            warnings.filterwarnings("error", message=".*freshly-initialized")
            model.load_weights(path)
        _check_kernels(model, path)
    except Exception as error:  # h5py and Keras raise whatever they meet
        refuse_later_keras(path)
        raise TwostreamError(
            path,
            expected=f"weights of {model.name}",
            found=f"something else ({reason(error)})",
            remedy="give weights saved from the same backbone",
        ) from error


def _check_kernels(model: Any, path: Path) -> None:
    """Raise ValueError where a ``.weights.h5`` file holds other kernels than the `model` has."""
    import h5py

    if not path.name.endswith(".weights.h5"):
        return
    kernels: list[str] = []

    def count(name: str, item: Any) -> None:
        if isinstance(item, h5py.Dataset) and item.ndim == 4 and not name.startswith("optimizer"):
            kernels.append(name)

    with h5py.File(path, "r") as file:
        file.visititems(count)
    wanted = sum(len(weight.shape) == 4 for weight in model.weights)
    if len(kernels) != wanted:
        raise ValueError(f"{len(kernels)} kernels for the {wanted} of the network")


def refuse_later_keras(path: Path) -> None:
    """Raise TwostreamError where a later Keras than the one installed saved the file at `path`.

    Such a file is whole, but may name options that only the later version knows.
    """
    import keras

    version = hdf5_version(path) if is_whole_model(path) else None
    try:
        if version is None:
            with zipfile.ZipFile(path) as archive:
                version = str(json.loads(archive.read("metadata.json"))["keras_version"])
    except (OSError, zipfile.BadZipFile, ValueError, KeyError, TypeError):
        return
    if _numbers(version) > _numbers(keras.__version__):
        raise TwostreamError(
            path,
            expected=f"a model of Keras {keras.__version__}, which is installed, or older",
            found=f"one that Keras {version} saved",
            remedy=f"pip install 'keras>={version}'; the file is whole, keep it",
        )


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(int(number) for number in re.findall(r"\d+", version)[:3])


def _to_be_saved_again(path: Path, error: Exception) -> str:
    if "Lambda" in str(error):
        return "build it without Lambda layers, which hold code (see Rescaling), and save it again"
    if "locate" in str(error) or "Unknown layer" in str(error):
        return "build it of Keras's own layers, for a file holds no code, and save it again"
    if not path.name.endswith(".keras"):
        return f"rename it {path.stem}.keras"
    return "save it again with model.save('NAME.keras')"


def described_hdf5(path: Path) -> tuple[str, str]:
    """What a model file of another format is, and how its network can be used all the same."""
    import h5py

    way = "load it with the program that saved it and save it as NAME.keras"
    if path.is_dir():
        saved = any((path / name).exists() for name in ("saved_model.pb", "keras_metadata.pb"))
        return "a folder" + (" with a SavedModel of TensorFlow" if saved else ""), way
    if not path.is_file():
        return "no such file", "check the path"
    if zipfile.is_zipfile(path) and "config.json" in zipfile.ZipFile(path).namelist():
        return "a model of Keras 3 under another name", f"rename it {path.stem}.keras"
    if not h5py.is_hdf5(path):
        return f"a {path.suffix} file", way
    version, whole = hdf5_version(path), is_whole_model(path)
    by = f" of Keras {version}" if version else ""
    if not whole:
        return (
            f"weights alone{by}, in HDF5",
            "name the network with --backbone, and give --weights this",
        )
    return f"a model{by} in HDF5", WAY


def _damage(path: Path) -> str | None:
    """What is wrong with the archive that a ``.keras`` file is; None where that is not it."""
    with path.open("rb") as file:
        begins = file.read(4)
    if zipfile.is_zipfile(path):
        return None
    if begins == b"PK\x03\x04":
        return "damaged data: the end of the file is missing"
    return "no archive, which a .keras file is"


def _listed(shapes: list[tuple[int | None, ...]]) -> str:
    return " and ".join(str(shape) for shape in shapes)


def file_digest(path: Path) -> str | None:
    """SHA-256 of a file's content, in hexadecimal digits; None where there is no file."""
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except FileNotFoundError:
        return None
