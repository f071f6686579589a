"""Which device and which numbers: asked for in words, resolved once, refused in one line."""

from __future__ import annotations

from contextlib import contextmanager
from typing import Any

import keras
import pytest
import torch
from twostream.errors import TwostreamError
from twostream.models.device import (
    CPU,
    Compute,
    Device,
    check_compute,
    devices_here,
    on_device,
    resolve_compute,
    resolve_device,
)
from twostream.models.inference import resolve_engine, resolve_scoring

pytestmark = pytest.mark.skipif(keras.backend.backend() != "torch", reason="devices of PyTorch")


@pytest.fixture
def machine(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Make this a machine with so many CUDA GPUs, or an Apple or Intel one."""

    @contextmanager
    def current(number: int) -> Any:
        yield

    def become(*, cuda: int = 0, mps: bool = False, xpu: bool = False, bf16: bool = True) -> None:
        monkeypatch.delenv("KERAS_TORCH_DEVICE", raising=False)
        monkeypatch.setattr(torch.cuda, "device", current)
        monkeypatch.setattr(torch.cuda, "device_count", lambda: cuda)
        monkeypatch.setattr(torch.cuda, "get_device_name", lambda number: f"GPU {number}")
        monkeypatch.setattr(torch.cuda, "is_bf16_supported", lambda **_: bf16)
        monkeypatch.setattr(torch.backends.mps, "is_available", lambda: mps)
        monkeypatch.setattr(torch.xpu, "is_available", lambda: xpu)
        monkeypatch.setattr("twostream.models.device.bf16_unit", lambda: None)

    become()
    return become


def test_on_a_machine_without_gpu_everything_is_float32_on_the_processor(machine: Any) -> None:
    assert devices_here() == (CPU,)
    assert resolve_compute(purpose="training") == Compute(CPU, "float32")
    assert resolve_compute(purpose="scoring") == Compute(CPU, "float32")


@pytest.mark.parametrize(
    ("there", "first"),
    [
        ({"cuda": 2}, Device("cuda", 0)),
        ({"mps": True}, Device("mps")),
        ({"xpu": True}, Device("xpu")),
        ({"cuda": 1, "xpu": True}, Device("cuda", 0)),
    ],
)
def test_auto_is_the_device_that_keras_takes(
    machine: Any, there: dict[str, Any], first: Device
) -> None:
    machine(**there)
    assert resolve_device("auto") == first
    assert resolve_device("cpu") == CPU


def test_auto_heeds_the_variable_of_keras(machine: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    machine(cuda=3)
    for value, found in (("cuda:2", Device("cuda", 2)), ("cpu", CPU), ("odd:x", Device("cuda"))):
        monkeypatch.setenv("KERAS_TORCH_DEVICE", value)
        assert resolve_device("auto") == found


def test_gpus_are_counted_from_zero(machine: Any) -> None:
    machine(cuda=2)
    assert resolve_device("cuda") == resolve_device("cuda:0") == Device("cuda", 0)
    assert resolve_device("cuda:1") == Device("cuda", 1)


@pytest.mark.parametrize(
    ("there", "asked", "told"),
    [
        ({}, "cuda", "--device cuda: expected one that is here: cpu, found .*; use --device cpu"),
        ({}, "mps", "--device mps: expected one that is here: cpu, found none of that kind"),
        ({}, "xpu", "none of that kind"),
        (
            {"cuda": 2},
            "cuda:7",
            "here: cuda:0, cuda:1, cpu, found 2 of that kind, counted from 0; use --device cuda:0",
        ),
        ({"mps": True}, "cuda:0", "here: mps, cpu"),
        ({}, "gpu", "expected auto, cpu, cuda, cuda:N, mps or xpu, found .gpu."),
        ({}, "cuda:", "found .cuda:."),
        ({}, "cpu:1", "found .cpu:1."),
        ({}, "", "found ..; use auto"),
    ],
)
def test_a_device_that_is_not_here_is_refused_with_those_that_are(
    machine: Any, there: dict[str, Any], asked: str, told: str
) -> None:
    machine(**there)
    for refuse in (resolve_device, lambda d: check_compute(d, "auto", purpose="training")):
        with pytest.raises(TwostreamError, match=told) as error:
            refuse(asked)
        assert "\n" not in str(error.value)


def test_auto_trains_in_bf16_where_a_gpu_is_made_for_it_and_scores_in_float32(machine: Any) -> None:
    machine(cuda=1, bf16=True)
    assert resolve_compute(purpose="training").precision == "bf16"
    assert resolve_compute("cpu", purpose="training").precision == "float32"
    assert resolve_compute(purpose="scoring") == Compute(Device("cuda"), "float32")
    assert resolve_compute("auto", "bf16", purpose="scoring").precision == "bf16"
    machine(cuda=1, bf16=False)
    assert resolve_compute(purpose="training").precision == "float32"
    machine(mps=True)
    assert resolve_compute(purpose="training").precision == "float32"


def test_the_earlier_name_of_bf16_is_read(machine: Any) -> None:
    assert resolve_compute("cpu", "mixed", purpose="training").precision == "bf16"
    odd: Any = "half"
    with pytest.raises(TwostreamError, match="expected auto, float32, bf16, fp16 or int8"):
        resolve_compute("cpu", odd, purpose="training")


@pytest.mark.parametrize("precision", ["bf16", "fp16"])
def test_other_backends_compute_in_the_types_of_a_networks_layers(
    monkeypatch: pytest.MonkeyPatch, precision: Any
) -> None:
    monkeypatch.setattr("twostream.models.device.keras_backend", lambda: "jax")
    with pytest.raises(TwostreamError, match=f"--precision {precision}: .*Keras on jax"):
        resolve_compute("cpu", precision, purpose="training")


def test_records_name_the_device_and_the_type(machine: Any) -> None:
    machine(cuda=2)
    assert Compute(Device("cuda", 1), "bf16").to_dict() == {
        "device": "cuda:1 (GPU 1)",
        "precision": "bfloat16",
    }
    assert Compute().to_dict() == {"device": "cpu", "precision": "float32"}


def test_keras_makes_its_tensors_on_the_device() -> None:
    with on_device(Device("meta")):
        assert keras.ops.zeros(3).device.type == "meta"
    assert keras.ops.zeros(3).device.type != "meta"


def test_the_number_of_a_gpu_is_pytorchs_affair(monkeypatch: pytest.MonkeyPatch) -> None:
    within: list[int] = []

    @contextmanager
    def current(number: int) -> Any:
        within.append(number)
        yield
        within.pop()

    monkeypatch.setattr(torch.cuda, "device", current)
    with on_device(Device("cuda", 1)):
        assert within == [1]
        assert keras.src.backend.torch.core.get_device() == "cuda"
    assert within == []


def test_openvino_is_for_processors(machine: Any) -> None:
    pytest.importorskip("openvino")
    machine(cuda=1)
    assert resolve_engine("auto", resolve_compute(purpose="scoring")) == "torch"
    assert resolve_engine("auto", resolve_compute("cpu", purpose="scoring")) == "openvino"
    assert resolve_scoring("openvino").compute == Compute(CPU, "float32")
    with pytest.raises(
        TwostreamError, match=r"--device cuda:0: expected cpu, on which .* openvino"
    ):
        resolve_scoring("openvino", "cuda")
