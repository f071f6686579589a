"""Convolutions that are one operation with what follows them: bias, a sum, a clamped activation.

On x86 processors PyTorch's oneDNN adds a shortcut and clamps a result while it is still in the cache; as
operations of their own they read and write whole images again, which in bfloat16 takes longer than many
of the convolutions. The backward pass of a convolution of single pixels is two products of matrices, and
pixels that its strides leave out are not looked at. PyTorch has Intel's MKL multiply matrices of float32,
which uses but half of the vectors of others' processors (Zen 5: 240 GFlop/s, oneDNN 480, on two cores;
MKL 2024.2): there all products are oneDNN's. Results are those of the separate operations up to rounding.
"""

from __future__ import annotations

import platform
from dataclasses import dataclass
from functools import cache
from typing import Any

import torch
from torch import Tensor
from torch.autograd.function import once_differentiable
from torch.nn import functional

from twostream.models.processor import made_by_intel

# Pixels up to which a product of matrices beats the convolution of single pixels: measured with the
# shapes of ResNet-50, up to 1.6 times.
SMALL_IMAGE = 14 * 14


@dataclass(frozen=True)
class Geometry:
    """How a kernel moves over images: strides, zeros around the image, dilation, groups."""

    strides: tuple[int, int]
    zeros: tuple[int, int]
    dilation: tuple[int, int]
    groups: int


# Pixel by pixel.
ALONE = Geometry((1, 1), (0, 0), (1, 1), 1)


@dataclass(frozen=True)
class Clamp:
    """An activation that keeps values between 0 and `largest` (None: without end): ReLU, ReLU6."""

    largest: float | None = None

    def __call__(self, x: Tensor, in_place: bool) -> Tensor:
        """The activation of `x`, which it may overwrite."""
        if self.largest is None:
            return functional.relu(x, inplace=in_place)
        return functional.hardtanh(x, 0.0, self.largest, inplace=in_place)

    def gradient(self, gradient: Tensor, result: Tensor) -> Tensor:
        """The gradient in front of the activation, given the one behind it and its result."""
        if self.largest is None:
            before: Tensor = torch.ops.aten.threshold_backward(gradient, result, 0)
        else:
            before = torch.ops.aten.hardtanh_backward(gradient, result, 0.0, self.largest)
        return before

    @property
    def words(self) -> tuple[str, list[float]]:
        """As oneDNN's operators are told."""
        return ("relu", []) if self.largest is None else ("hardtanh", [0.0, self.largest])


def can_fuse(x: Tensor) -> bool:
    """Whether convolutions of `x` run as one operation here, in the numbers that they are computed in."""
    if not x.is_cpu or torch.compiler.is_exporting() or not _has_operators():
        return False
    number = number_type()
    return number == torch.float32 or (number == torch.bfloat16 and _has_bfloat16())


def number_type() -> torch.dtype:
    """In what a processor's convolutions are computed: autocast's type, else float32."""
    if torch.is_autocast_enabled("cpu"):
        return torch.get_autocast_dtype("cpu")
    return torch.float32


@cache
def _has_operators() -> bool:
    # On other processors the same operators exist, but nobody has tried them here.
    return (
        platform.machine().lower() in ("x86_64", "amd64")
        and torch.backends.mkldnn.is_available()  # type: ignore[no-untyped-call]
        and hasattr(torch.ops.mkldnn, "_convolution_pointwise")
    )


@cache
def _has_bfloat16() -> bool:
    return bool(torch.ops.mkldnn._is_mkldnn_bf16_supported())


def laid_out(kernel: Tensor, scale: Tensor | None, number: torch.dtype) -> Tensor:
    """A kernel times a scale per filter, as oneDNN reads it: of a type of numbers, channels last."""
    scaled = kernel if scale is None else kernel * scale.reshape(-1, 1, 1, 1)
    return scaled.to(number).contiguous(memory_format=torch.channels_last)


def fused_convolution(
    x: Tensor,
    kernel: Tensor,
    bias: Tensor | None,
    geometry: Geometry,
    *,
    scale: Tensor | None = None,
    shortcut: Tensor | None = None,
    clamp: Clamp | None = None,
) -> Tensor:
    """The convolution of `x` (n, c, h, w) with `kernel` (filters, c a group, kh, kw), and what follows it.

    The kernel is multiplied by `scale` per filter first, which gets no gradient; `bias` and `shortcut`, an
    image like the result, are added, and all is clamped. Where `can_fuse`.
    """
    result: Tensor = _Fused.apply(  # type: ignore[no-untyped-call]
        x, kernel, bias, scale, shortcut, geometry, clamp
    )
    return result


class _Fused(torch.autograd.Function):
    """Saves what the backward pass reads: the image, the kernel as it was used, the clamped result."""

    @staticmethod
    def forward(
        ctx: Any,
        x: Tensor,
        kernel: Tensor,
        bias: Tensor | None,
        scale: Tensor | None,
        shortcut: Tensor | None,
        geometry: Geometry,
        clamp: Clamp | None,
    ) -> Tensor:
        number = number_type()
        ctx.shape, ctx.geometry, ctx.clamp = x.shape, geometry, clamp
        ctx.numbers = x.dtype, kernel.dtype, None if bias is None else bias.dtype
        ctx.pointwise = _is_pointwise(kernel, geometry)
        if ctx.pointwise and geometry.strides != (1, 1):  # the pixels between are not looked at
            x = x[:, :, :: geometry.strides[0], :: geometry.strides[1]]
            geometry = ALONE
        x = x.to(number).contiguous(memory_format=torch.channels_last)
        weight = laid_out(kernel, scale, number)
        y = convolved(
            x,
            weight,
            None if bias is None else bias.to(number),
            geometry,
            shortcut=None if shortcut is None else shortcut.to(number),
            clamp=clamp,
        )
        ctx.save_for_backward(x, weight, scale, y if clamp is not None else None)
        return y

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, gradient: Tensor) -> tuple[Tensor | None, ...]:
        x, weight, scale, result = ctx.saved_tensors
        wants_x, wants_kernel, wants_bias, _, wants_shortcut, *_ = ctx.needs_input_grad
        if ctx.clamp is not None:
            gradient = ctx.clamp.gradient(gradient, result)
        gradient = gradient.contiguous(memory_format=torch.channels_last)
        wanted = [wants_x, wants_kernel, wants_bias]
        if ctx.pointwise:
            of_x, of_kernel, of_bias = _pointwise_gradients(ctx, gradient, x, weight, wanted)
        else:
            of_x, of_kernel, of_bias = _gradients(gradient, x, weight, ctx.geometry, wanted)
        of_image, of_weights, of_offsets = ctx.numbers
        if of_kernel is not None and scale is not None:
            of_kernel = of_kernel.mul_(scale.reshape(-1, 1, 1, 1))
        return (
            None if of_x is None else of_x.to(of_image),
            None if of_kernel is None else of_kernel.to(of_weights),
            None if of_bias is None else of_bias.to(of_offsets),
            None,
            gradient if wants_shortcut else None,
            None,
            None,
        )


def _is_pointwise(kernel: Tensor, geometry: Geometry) -> bool:
    return kernel.shape[2:] == (1, 1) and geometry.groups == 1 and geometry.zeros == (0, 0)


def convolved(
    x: Tensor,
    weight: Tensor,
    bias: Tensor | None,
    geometry: Geometry,
    *,
    shortcut: Tensor | None = None,
    clamp: Clamp | None = None,
) -> Tensor:
    """The forward pass, of tensors of one type of numbers in channels-last memory."""
    n, _, height, width = x.shape
    if (
        _is_pointwise(weight, geometry)
        and geometry.strides == (1, 1)
        and height * width <= SMALL_IMAGE
    ):
        y = _product(_pixels(x), weight.flatten(1), bias)
        y = y.view(n, height, width, -1).permute(0, 3, 1, 2)
        y = y if shortcut is None else y.add_(shortcut)
        return y if clamp is None else clamp(y, True)
    operators: Any = torch.ops.mkldnn._convolution_pointwise
    where = geometry.zeros, geometry.strides, geometry.dilation, geometry.groups
    activation, numbers = ("none", []) if clamp is None else clamp.words
    if shortcut is None:
        plain: Tensor = operators(x, weight, bias, *where, activation, numbers, "")
        return plain
    if clamp is not None and (clamp.largest is not None or geometry.groups > 1):
        summed = convolved(x, weight, bias, geometry).add_(shortcut)
        return clamp(summed, True)
    shortcut = shortcut.contiguous(memory_format=torch.channels_last)
    added: Tensor = operators.binary(
        x, shortcut, weight, bias, *where, "add", 1.0, clamp and activation, numbers, None
    )
    return added


def _pixels(x: Tensor) -> Tensor:
    """(n, c, h, w) in channels-last memory as (n · h · w, c)."""
    return x.permute(0, 2, 3, 1).reshape(-1, x.shape[1])


def _pointwise_gradients(
    ctx: Any, gradient: Tensor, x: Tensor, weight: Tensor, wanted: list[bool]
) -> tuple[Tensor | None, Tensor | None, Tensor | None]:
    """The gradients of a convolution of single pixels, as products of matrices."""
    of_x = of_kernel = of_bias = None
    if _is_slow_product(gradient):
        of_x, of_kernel, of_bias = _gradients(gradient, x, weight, ALONE, wanted)
    else:
        of_pixels, kernel = _pixels(gradient), weight.flatten(1)
        n, _, height, width = gradient.shape
        if wanted[0]:
            of_x = (of_pixels @ kernel).view(n, height, width, -1).permute(0, 3, 1, 2)
        if wanted[1]:
            of_kernel = (of_pixels.t() @ _pixels(x)).view(*weight.shape)
        if wanted[2]:
            of_bias = (of_pixels.new_ones(1, len(of_pixels)) @ of_pixels).flatten()
    down, right = ctx.geometry.strides
    if of_x is not None and (down, right) != (1, 1):
        spread = torch.empty(ctx.shape, dtype=of_x.dtype, memory_format=torch.channels_last).zero_()
        spread[:, :, ::down, ::right] = of_x
        of_x = spread
    return of_x, of_kernel, of_bias


def _gradients(
    gradient: Tensor, x: Tensor, weight: Tensor, geometry: Geometry, wanted: list[bool]
) -> tuple[Tensor | None, Tensor | None, Tensor | None]:
    """The gradients of a convolution's image, kernel and bias, as far as they are wanted."""
    found: tuple[Tensor | None, Tensor | None, Tensor | None] = torch.ops.aten.convolution_backward(
        gradient,
        x,
        weight,
        [weight.shape[0]],
        geometry.strides,
        geometry.zeros,
        geometry.dilation,
        False,
        [0, 0],
        geometry.groups,
        wanted,
    )
    return found


def _product(pixels: Tensor, weights: Tensor, bias: Tensor | None) -> Tensor:
    """(pixels, c) times (filters, c) transposed, and a bias."""
    if _is_slow_product(pixels):
        by_onednn: Tensor = torch.ops.mkldnn._linear_pointwise(
            pixels, weights, bias, "none", [], ""
        )
        return by_onednn
    return functional.linear(pixels, weights, bias)


def _is_slow_product(values: Tensor) -> bool:
    """Whether PyTorch's product of matrices of these numbers is slow here: see the top of this file."""
    return values.dtype == torch.float32 and not made_by_intel()
