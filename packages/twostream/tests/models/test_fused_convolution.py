"""Convolutions with what follows them as one operation: the numbers and gradients of separate ones."""

from __future__ import annotations

from typing import Any

import keras
import pytest

torch = pytest.importorskip("torch")
pytestmark = pytest.mark.skipif(keras.backend.backend() != "torch", reason="operators of PyTorch")

from torch.nn import functional  # noqa: E402
from twostream.models.fused_convolution import (  # noqa: E402
    Clamp,
    Geometry,
    can_fuse,
    fused_convolution,
)

LAST = torch.channels_last


@pytest.fixture(autouse=True)
def here() -> None:
    if not can_fuse(torch.zeros(1, 1, 1, 1)):
        pytest.skip("no x86 processor with oneDNN")


def given(
    *, channels: int, filters: int, size: int, stride: int, side: int, groups: int = 1
) -> Any:
    generator = torch.Generator().manual_seed(size + stride + side)

    def random(*shape: int) -> Any:
        return torch.randn(*shape, generator=generator).requires_grad_()

    there = (side - 1) // stride + 1
    return (
        random(2, channels, side, side),
        random(filters, channels // groups, size, size),
        random(filters),
        torch.rand(filters, generator=generator) + 0.5,
        random(2, filters, there, there),
        Geometry((stride, stride), (size // 2, size // 2), (1, 1), groups),
    )


def separate(
    x: Any, kernel: Any, bias: Any, geometry: Geometry, scale: Any, shortcut: Any, clamp: Any
) -> Any:
    kernel = kernel * scale.reshape(-1, 1, 1, 1)
    y = functional.conv2d(
        x, kernel, bias, geometry.strides, geometry.zeros, geometry.dilation, geometry.groups
    )
    y = y if shortcut is None else y + shortcut
    if clamp is None:
        return y
    return functional.relu(y) if clamp.largest is None else functional.relu6(y)


@pytest.fixture(params=[True, False], ids=["Intel", "another"])
def maker(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Products of matrices as on a processor of Intel's, and as on another's."""
    monkeypatch.setattr("twostream.models.fused_convolution.made_by_intel", lambda: request.param)


@pytest.mark.usefixtures("maker")
@pytest.mark.parametrize("clamp", [None, Clamp(), Clamp(6.0)])
@pytest.mark.parametrize("with_shortcut", [False, True])
@pytest.mark.parametrize(
    "shape",
    [
        {"size": 3, "stride": 1, "side": 9},
        {"size": 3, "stride": 2, "side": 9},
        {"size": 1, "stride": 1, "side": 9},
        {"size": 1, "stride": 1, "side": 17},
        {"size": 1, "stride": 2, "side": 16},
        {"size": 1, "stride": 2, "side": 33},
        {"size": 3, "stride": 1, "side": 9, "groups": 8},
    ],
)
def test_results_and_gradients_are_those_of_separate_operations(
    shape: dict[str, int], with_shortcut: bool, clamp: Clamp | None
) -> None:
    x, kernel, bias, scale, shortcut, geometry = given(channels=8, filters=16, **shape)
    shortcut = shortcut if with_shortcut else None
    learning = [one for one in (x, kernel, bias, shortcut) if one is not None]
    ours = fused_convolution(x, kernel, bias, geometry, scale=scale, shortcut=shortcut, clamp=clamp)
    plain = separate(x, kernel, bias, geometry, scale, shortcut, clamp)
    assert torch.allclose(ours, plain, atol=1e-5)
    weights = torch.linspace(-1, 1, plain.numel()).reshape(plain.shape)
    for found, wanted in zip(
        torch.autograd.grad((ours * weights).sum(), learning),
        torch.autograd.grad((plain * weights).sum(), learning),
        strict=True,
    ):
        assert torch.allclose(found, wanted, atol=1e-4)


def test_gradients_in_bfloat16_are_near_and_float32() -> None:
    x, kernel, bias, scale, shortcut, geometry = given(
        channels=8, filters=16, size=3, stride=1, side=9
    )
    with torch.autocast("cpu", dtype=torch.bfloat16):
        if not can_fuse(x):
            pytest.skip("no bfloat16 here")
        ours = fused_convolution(
            x, kernel, bias, geometry, scale=scale, shortcut=shortcut, clamp=Clamp()
        )
    plain = separate(x, kernel, bias, geometry, scale, shortcut, Clamp())
    assert ours.dtype == torch.bfloat16
    assert torch.allclose(ours.float(), plain, atol=0.02 * float(plain.abs().max()))
    learning = (x, kernel, bias)
    for found, wanted in zip(
        torch.autograd.grad(ours.float().square().sum(), learning),
        torch.autograd.grad(plain.square().sum(), learning),
        strict=True,
    ):
        assert found.dtype == torch.float32
        assert torch.allclose(found, wanted, atol=0.02 * float(wanted.abs().max()))


def test_what_needs_no_gradient_gets_none() -> None:
    x, kernel, bias, _, shortcut, geometry = given(channels=8, filters=16, size=1, stride=2, side=8)
    y = fused_convolution(x.detach(), kernel.detach(), bias, geometry, shortcut=shortcut.detach())
    (found,) = torch.autograd.grad(y.sum(), (bias,))
    assert torch.allclose(found, torch.full((16,), 2.0 * 4 * 4))
    with torch.no_grad():
        assert not fused_convolution(x, kernel, bias, geometry).requires_grad


def test_other_places_and_numbers_are_left_alone() -> None:
    assert not can_fuse(torch.zeros(1, 1, 1, 1, device="meta"))
    with torch.autocast("cpu", dtype=torch.float16):
        assert not can_fuse(torch.zeros(1, 1, 1, 1))
