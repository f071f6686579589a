"""The state of all that is drawn at random in training, such as dropout.

A checkpoint holds neither the backend's generator nor the layers' own: without them, a resumed training
would draw other numbers than an undisturbed one.
"""

from __future__ import annotations

import warnings
import zipfile
from collections.abc import Collection
from pathlib import Path
from typing import Any

import numpy as np

from twostream.atomic import atomic_path
from twostream.errors import TwostreamWarning

KINDS = {"cpu": "a CPU", "cuda0": "a CUDA GPU", "mps": "an Apple GPU"}


def save_random_state(folder: Path, model: Any, *, epoch: int) -> None:
    """Write the state after `epoch` epochs into `folder`, beside others that may be there."""
    arrays = {f"layer{k}": np.asarray(state) for k, state in enumerate(_layer_states(model))}
    with atomic_path(_path(folder, epoch)) as temporary, temporary.open("wb") as file:
        np.savez(file, **arrays, **_generators())  # type: ignore[arg-type]


def remove_other_random_states(folder: Path, *, epoch: int) -> None:
    """Remove all states but that after `epoch` epochs: once the checkpoint of that epoch is written."""
    for path in folder.glob("random_*.npz"):
        if path != _path(folder, epoch):
            path.unlink()


def restore_random_state(folder: Path, model: Any, *, epoch: int) -> None:
    """Take up the state after `epoch` epochs; warns where the training goes on with other draws.

    It does so where the file is missing or damaged, and where the state of this machine's devices is not
    in it: then their generators stay as the seed made them.
    """
    path = _path(folder, epoch)
    try:
        with np.load(path) as stored:
            arrays = {name: stored[name] for name in stored.files}
    except (OSError, EOFError, ValueError, zipfile.BadZipFile):
        _warn(f"{path}: missing or damaged")
        return
    for k, state in enumerate(_layer_states(model)):
        if f"layer{k}" in arrays:
            state.assign(arrays[f"layer{k}"])
    _restore_generators(arrays)
    made_on, here = _first_devices(arrays), _first_devices(_generators())
    if made_on != here:
        _warn(f"{path}: made on {' and '.join(made_on)}, here there is {' and '.join(here)}")


def _path(folder: Path, epoch: int) -> Path:
    return folder / f"random_{epoch}.npz"


def _layer_states(model: Any) -> list[Any]:
    layers = [layer for layer in model._flatten_layers() if hasattr(layer, "seed_generator")]
    return [layer.seed_generator.state for layer in sorted(layers, key=lambda one: str(one.name))]


def _generators() -> dict[str, Any]:
    """The state of the generator of every device that PyTorch draws on; of other backends none."""
    import keras

    if keras.backend.backend() != "torch":
        return {}
    import torch

    states = {"cpu": torch.get_rng_state().numpy()}
    for number in range(torch.cuda.device_count()):
        states[f"cuda{number}"] = torch.cuda.get_rng_state(number).numpy()
    if torch.backends.mps.is_available():
        states["mps"] = torch.mps.get_rng_state().numpy()
    return states


def _restore_generators(arrays: dict[str, Any]) -> None:
    """Set the generators of those devices that were there then and are there now."""
    for device in sorted(_generators().keys() & arrays.keys()):
        import torch

        state = torch.from_numpy(arrays[device])
        if device == "cpu":
            torch.set_rng_state(state)
        elif device == "mps":
            torch.mps.set_rng_state(state)
        else:
            torch.cuda.set_rng_state(state, int(device.removeprefix("cuda")))


def _first_devices(names: Collection[str]) -> list[str]:
    """The kinds of devices; a training draws on the first of a kind, however many there are."""
    return [told for name, told in KINDS.items() if name in names]


def _warn(what: str) -> None:
    warnings.warn(
        f"{what}: the training goes on with other random draws than an undisturbed one",
        TwostreamWarning,
        stacklevel=4,
    )
