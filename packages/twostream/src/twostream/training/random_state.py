"""The state of all that is drawn at random in training, such as dropout.

A checkpoint holds neither the backend's generator nor the layers' own: without them, a resumed training
would draw other numbers than an undisturbed one.
"""

from __future__ import annotations

import zipfile
from pathlib import Path
from typing import Any

import numpy as np

from twostream.atomic import atomic_path


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
    """Take up the state after `epoch` epochs; without its file the training goes on with other draws."""
    try:
        with np.load(_path(folder, epoch)) as stored:
            arrays = {name: stored[name] for name in stored.files}
    except (OSError, EOFError, ValueError, zipfile.BadZipFile):
        return
    for k, state in enumerate(_layer_states(model)):
        if f"layer{k}" in arrays:
            state.assign(arrays[f"layer{k}"])
    _restore_generators(arrays)


def _path(folder: Path, epoch: int) -> Path:
    return folder / f"random_{epoch}.npz"


def _layer_states(model: Any) -> list[Any]:
    layers = [layer for layer in model._flatten_layers() if hasattr(layer, "seed_generator")]
    return [layer.seed_generator.state for layer in sorted(layers, key=lambda one: str(one.name))]


def _generators() -> dict[str, Any]:
    import keras

    if keras.backend.backend() != "torch":
        return {}
    import torch

    states = {"cpu": torch.get_rng_state().numpy()}
    if torch.cuda.is_available():
        for number, state in enumerate(torch.cuda.get_rng_state_all()):
            states[f"cuda{number}"] = state.numpy()
    return states


def _restore_generators(arrays: dict[str, Any]) -> None:
    if "cpu" not in arrays:
        return
    import torch

    torch.set_rng_state(torch.from_numpy(arrays["cpu"]))
    if torch.cuda.is_available():
        found = [arrays[name] for name in sorted(arrays) if name.startswith("cuda")]
        torch.cuda.set_rng_state_all([torch.from_numpy(state) for state in found])
