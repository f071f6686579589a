"""The state of all that is drawn at random in training, such as dropout.

A checkpoint holds neither the backend's generator nor the layers' own: without them, a resumed training
would draw other numbers than an undisturbed one.
"""

from __future__ import annotations

import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from twostream.atomic import atomic_path
from twostream.events import warn
from twostream.models.device import CPU, Device

KINDS = {"cpu": "a CPU", "cuda": "a CUDA GPU", "mps": "an Apple GPU", "xpu": "an Intel GPU"}
DRAWN_ON = "drawn_on"  # the name, in a file, of the generator that training drew on
# Where that is not told, Keras chose the device itself: in this order.
CHOSEN_BEFORE = ("mps", "cuda0", "cpu")


def save_random_state(folder: Path, model: Any, *, epoch: int, device: Device = CPU) -> None:
    """Write the state after `epoch` epochs on `device` into `folder`, beside others that may be there."""
    arrays: dict[str, Any] = {
        f"layer{k}": np.asarray(state) for k, state in enumerate(_layer_states(model))
    }
    generators = _generators()
    if generators:
        arrays[DRAWN_ON] = np.asarray(_name(device))
    with atomic_path(_path(folder, epoch)) as temporary, temporary.open("wb") as file:
        np.savez(file, **arrays, **generators)


def remove_other_random_states(folder: Path, *, epoch: int) -> None:
    """Remove all states but that after `epoch` epochs: once the checkpoint of that epoch is written."""
    for path in folder.glob("random_*.npz"):
        if path != _path(folder, epoch):
            path.unlink()


def restore_random_state(folder: Path, model: Any, *, epoch: int, device: Device = CPU) -> None:
    """Take up the state after `epoch` epochs on `device`; warns where it goes on with other draws.

    The generator of `device` gets the state of the one that was drawn on, which may have been another of
    its kind. Where the file is missing or damaged, or the device was of another kind, generators stay
    as the seed made them.
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
    here = _generators()
    for name in sorted(here.keys() & arrays.keys()):
        _set_generator(name, arrays[name])
    before, now = _drawn_on(arrays), _name(device)
    if before is None or now not in here:
        return
    if _kind(before) != _kind(now):
        _warn(f"{path}: made on {KINDS[_kind(before)]}, here it is {KINDS[_kind(now)]}")
    elif before != now:
        _set_generator(now, arrays[before])


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
    if torch.xpu.is_available():
        states["xpu"] = torch.xpu.get_rng_state().numpy()
    return states


def _set_generator(name: str, values: Any) -> None:
    import torch

    state = torch.from_numpy(values)
    if name == "cpu":
        torch.set_rng_state(state)
    elif name == "mps":
        torch.mps.set_rng_state(state)
    elif name == "xpu":
        torch.xpu.set_rng_state(state)
    else:
        torch.cuda.set_rng_state(state, int(name.removeprefix("cuda")))


def _drawn_on(arrays: Mapping[str, Any]) -> str | None:
    """The generator that was drawn on; None where its state is not there."""
    told = [str(arrays[DRAWN_ON])] if DRAWN_ON in arrays else CHOSEN_BEFORE
    return next((name for name in told if name in arrays), None)


def _name(device: Device) -> str:
    """A device's generator, as files call it."""
    return f"cuda{device.number}" if device.kind == "cuda" else device.kind


def _kind(name: str) -> str:
    return name.rstrip("0123456789")


def _warn(what: str) -> None:
    warn(
        f"{what}: the training goes on with other random draws than an undisturbed one",
        stacklevel=4,
    )
