"""The state of random draws, on machines with other devices than the one that saved it."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
import torch
from twostream.errors import TwostreamWarning
from twostream.models.device import CPU, Device
from twostream.training.random_state import restore_random_state, save_random_state

GPU = Device("cuda")
MODEL = SimpleNamespace(_flatten_layers=list)


class Gpus:
    """So many GPUs; the state of a generator is its number until it is set."""

    def __init__(self, count: int, first_state: int = 0) -> None:
        self.states = {
            k: torch.full((4,), first_state + k, dtype=torch.uint8) for k in range(count)
        }

    def device_count(self) -> int:
        return len(self.states)

    def get_rng_state(self, device: int) -> Any:
        return self.states[device]

    def set_rng_state(self, state: Any, device: int) -> None:
        assert device in self.states
        self.states[device] = state


@pytest.fixture
def machine(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Make this a machine with the given GPUs."""

    def become(gpus: Gpus) -> Gpus:
        for name in ("device_count", "get_rng_state", "set_rng_state"):
            monkeypatch.setattr(torch.cuda, name, getattr(gpus, name))
        return gpus

    return become


@pytest.fixture(autouse=True)
def own_generator() -> Iterator[None]:
    with torch.random.fork_rng(devices=[]):
        yield


def test_the_generator_goes_on_where_it_was(tmp_path: Path) -> None:
    save_random_state(tmp_path, MODEL, epoch=2)
    drawn = torch.rand(5)
    torch.manual_seed(99)
    restore_random_state(tmp_path, MODEL, epoch=2)
    assert torch.equal(torch.rand(5), drawn)


@pytest.mark.parametrize(("before", "now"), [(12, 12), (4, 1), (1, 4), (12, 3)])
def test_each_gpu_gets_the_state_of_its_own_number(
    tmp_path: Path, machine: Any, before: int, now: int
) -> None:
    machine(Gpus(before))
    save_random_state(tmp_path, MODEL, epoch=1, device=GPU)
    gpus = machine(Gpus(now, first_state=100))
    with warnings.catch_warnings():
        warnings.simplefilter("error", TwostreamWarning)  # it draws on the first one alone
        restore_random_state(tmp_path, MODEL, epoch=1, device=GPU)
    found = [int(state[0]) for state in gpus.states.values()]
    shared = min(before, now)
    assert found == [*range(shared), *range(100 + shared, 100 + now)]


@pytest.mark.parametrize(("before", "now"), [(GPU, CPU), (CPU, GPU)])
def test_draws_on_another_kind_of_device_are_told(
    tmp_path: Path, machine: Any, before: Device, now: Device
) -> None:
    machine(Gpus(2))
    save_random_state(tmp_path, MODEL, epoch=1, device=before)
    with pytest.warns(TwostreamWarning, match="a CUDA GPU.* goes on with other random draws"):
        restore_random_state(tmp_path, MODEL, epoch=1, device=now)


def test_another_gpu_goes_on_with_the_draws_of_the_one_before(tmp_path: Path, machine: Any) -> None:
    machine(Gpus(3))
    save_random_state(tmp_path, MODEL, epoch=1, device=Device("cuda", 2))
    gpus = machine(Gpus(1, first_state=100))
    with warnings.catch_warnings():
        warnings.simplefilter("error", TwostreamWarning)
        restore_random_state(tmp_path, MODEL, epoch=1, device=GPU)
    assert int(gpus.states[0][0]) == 2


@pytest.mark.parametrize("kind", ["mps", "xpu"])
def test_apples_and_intels_generators_go_on_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    states = {kind: torch.full((4,), 7, dtype=torch.uint8)}
    place = torch.backends.mps if kind == "mps" else torch.xpu
    monkeypatch.setattr(place, "is_available", lambda: True)
    monkeypatch.setattr(getattr(torch, kind), "get_rng_state", lambda: states[kind])
    monkeypatch.setattr(
        getattr(torch, kind), "set_rng_state", lambda state: states.update({kind: state})
    )
    save_random_state(tmp_path, MODEL, epoch=1, device=Device(kind))
    states[kind] = torch.zeros(4, dtype=torch.uint8)
    restore_random_state(tmp_path, MODEL, epoch=1, device=Device(kind))
    assert int(states[kind][0]) == 7


def test_a_state_of_an_earlier_version_was_drawn_where_keras_computed(
    tmp_path: Path, machine: Any
) -> None:
    machine(Gpus(1))
    save_random_state(tmp_path, MODEL, epoch=1, device=GPU)
    with np.load(tmp_path / "random_1.npz") as stored:
        arrays = {name: stored[name] for name in stored.files if name != "drawn_on"}
    np.savez(tmp_path / "random_1.npz", **arrays)
    with pytest.warns(TwostreamWarning, match="made on a CUDA GPU, here it is a CPU"):
        restore_random_state(tmp_path, MODEL, epoch=1, device=CPU)


@pytest.mark.parametrize("content", [None, b"", b"PK damaged"])
def test_a_lost_state_is_told(tmp_path: Path, content: bytes | None) -> None:
    if content is not None:
        (tmp_path / "random_1.npz").write_bytes(content)
    with pytest.warns(TwostreamWarning, match=r"random_1.npz: missing or damaged"):
        restore_random_state(tmp_path, MODEL, epoch=1)


def test_the_draws_of_layers_go_on_too(tmp_path: Path) -> None:
    assigned: list[Any] = []

    class State:
        def __array__(self, *_: Any, **__: Any) -> Any:
            return np.asarray([1, 2])

        def assign(self, value: Any) -> None:
            assigned.append(value)

    layer = SimpleNamespace(name="dropout", seed_generator=SimpleNamespace(state=State()))
    model = SimpleNamespace(_flatten_layers=lambda: [layer])
    save_random_state(tmp_path, model, epoch=1)
    restore_random_state(tmp_path, model, epoch=1)
    assert [value.tolist() for value in assigned] == [[1, 2]]
