"""Keras layers as PyTorch's own operators, on images (n, c, h, w) that lie in channels-last memory.

Each function takes a layer and returns what computes it, to the same numbers up to rounding, or None
where only the layer itself knows how. Weights are read at every call: training and loading go on as
usual; only a `frozen` convolution keeps them as they are.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional

from twostream.models.fused_convolution import (
    SMALL_IMAGE,
    Clamp,
    Geometry,
    can_fuse,
    convolved,
    fused_convolution,
    laid_out,
    number_type,
)

Compute = Callable[..., Any]
InPlace = Callable[[Tensor, bool], Tensor]

# Activations of single values, to which the order of axes does not matter.
ACTIVATIONS: dict[str, Callable[[Tensor], Tensor]] = {
    "sigmoid": torch.sigmoid,
    "tanh": torch.tanh,
    "silu": functional.silu,
    "gelu": functional.gelu,
    "hard_sigmoid": functional.hardsigmoid,
    "hard_silu": functional.hardswish,
}


def is_exactly(layer: Any, *names: str) -> bool:
    """Whether a layer is of one of these classes of `keras.layers`, not of a class derived from it."""
    import keras

    return any(type(layer) is getattr(keras.layers, name) for name in names)


@dataclass(frozen=True)
class Window:
    """How a convolution or pooling moves over an image: strides, dilation and padding."""

    size: tuple[int, int]
    strides: tuple[int, int]
    dilation: tuple[int, int] = (1, 1)
    same: bool = False
    zeros: tuple[int, int] = (0, 0)

    def padding(self, x: Tensor) -> tuple[int, int, int, int]:
        """Rows above and below, columns left and right that are added to `x`."""
        if not self.same:
            down, right = self.zeros
            return down, down, right, right
        around: list[int] = []
        for size, stride, dilation, length in zip(
            self.size, self.strides, self.dilation, x.shape[2:], strict=True
        ):
            reach = (size - 1) * dilation + 1
            # Where a graph for images of any size is exported, `length` is a symbol: the fewer cases, the
            # simpler is what becomes of it from layer to layer.
            if stride == 1:
                missing = reach - 1
            else:
                missing = ((length + stride - 1) // stride - 1) * stride + reach - length
                missing = missing if reach >= stride else max(missing, 0)
            around += [missing // 2, missing - missing // 2]
        return around[0], around[1], around[2], around[3]

    def geometry(self, x: Tensor, kernel: Tensor) -> tuple[Tensor, Geometry]:
        """The kernel and how it moves over `x` with as many zeros on one side as on the other."""
        above, below, left, right = self.padding(x)
        if (above, left) != (below, right) and self.dilation == (1, 1):
            kernel = functional.pad(kernel, (right - left, 0, below - above, 0))
            above, left = below, right
        groups = x.shape[1] // kernel.shape[1]
        return kernel, Geometry(self.strides, (above, left), self.dilation, groups)

    def can_fuse(self, x: Tensor) -> bool:
        """Whether the zeros around `x` are as many on one side as on the other, or can be made so."""
        above, below, left, right = self.padding(x)
        return (above, left) == (below, right) or self.dilation == (1, 1)

    def may_be_uneven(self, around: tuple[int, int, int, int]) -> bool:
        """Whether one side gets more than the other; of a graph of any size, whether it may."""
        if self.same and self.strides != (1, 1) and torch.compiler.is_exporting():
            return True
        above, below, left, right = around
        return (above, left) != (below, right)

    def convolve(self, x: Tensor, kernel: Tensor, bias: Tensor | None) -> Tensor:
        """The convolution of `x` with `kernel` (filters, channels a group, kh, kw)."""
        around = above, below, left, right = self.padding(x)
        groups = x.shape[1] // kernel.shape[1]
        # In a graph that is exported nothing may depend on the size of the example.
        exporting = torch.compiler.is_exporting()
        alone = self == POINT and groups == 1 and x.is_cpu and not exporting
        if alone and x.shape[2] * x.shape[3] <= SMALL_IMAGE:
            return _pointwise(x, kernel, bias)
        if self.may_be_uneven(around):
            # ONNX's exporter loses a kernel that is padded on the way.
            if self.dilation == (1, 1) and not exporting:
                # As many zeros in front of the kernel as are missing in front of the image: a padded copy
                # of the image takes twice as long as a convolution, five times as a depthwise one.
                kernel = functional.pad(kernel, (right - left, 0, below - above, 0))
                above, left = below, right
            else:
                x, above, left = functional.pad(x, (left, right, above, below)), 0, 0
        return functional.conv2d(
            x, kernel, bias, self.strides, (above, left), self.dilation, groups
        )


POINT = Window((1, 1), (1, 1))


def _pointwise(x: Tensor, kernel: Tensor, bias: Tensor | None) -> Tensor:
    """A convolution of single pixels as a product of matrices."""
    n, channels, height, width = x.shape
    pixels = x.permute(0, 2, 3, 1).reshape(-1, channels)
    filtered = functional.linear(pixels, kernel.flatten(1), bias)
    return filtered.view(n, height, width, -1).permute(0, 3, 1, 2)


def convolution(
    layer: Any,
    *,
    zeros: tuple[int, int] = (0, 0),
    norm: Any = None,
    clamp: Clamp | None = None,
    frozen: bool = False,
) -> Compute:
    """`Conv2D`, `DepthwiseConv2D` or `SeparableConv2D` with its bias, without its activation.

    `zeros` rows and columns are added around the image first. With `norm`, a batch normalisation whose
    statistics are fixed follows within the same pass: with s = gamma / sqrt(variance + epsilon) the
    kernel is multiplied by s per filter, and the bias becomes (bias - mean) s + beta. Then a second image
    is added where one is given, and all is clamped by `clamp`. A `frozen` one scales its kernel once, and
    lets it lie in memory as it is read.
    """
    window = Window(
        tuple(layer.kernel_size),
        tuple(layer.strides),
        tuple(layer.dilation_rate),
        layer.padding == "same" and tuple(layer.kernel_size) != (1, 1),
        zeros,
    )
    separable = is_exactly(layer, "SeparableConv2D")
    depthwise = is_exactly(layer, "DepthwiseConv2D")
    last = POINT if separable else window
    is_float32 = str(layer.compute_dtype) == str(layer.variable_dtype) == "float32"

    def weights() -> tuple[Tensor, Tensor | None, Tensor | None]:
        """The kernel, its scale and the bias of what is left when that is done."""
        if separable:
            kernel = _plain(layer.pointwise_kernel.value)
        else:
            kernel = (_depthwise if depthwise else _plain)(layer.kernel.value)
        bias: Tensor | None = layer.bias.value if layer.use_bias else None
        if norm is None:
            return kernel, None, bias
        scale, offset = _fixed_affine(norm)
        return kernel, scale, offset if bias is None else bias * scale + offset

    kept: dict[torch.dtype, tuple[Tensor, Tensor | None]] = {}

    def kept_weights(number: torch.dtype) -> tuple[Tensor, Tensor | None]:
        if number not in kept:
            kernel, scale, bias = weights()
            kept[number] = (
                laid_out(kernel, scale, number).detach(),
                None if bias is None else bias.detach().to(number),
            )
        return kept[number]

    def compute(x: Tensor, shortcut: Tensor | None = None) -> Tensor:
        if separable:
            x = window.convolve(x, _depthwise(layer.depthwise_kernel.value), None)
        if is_float32 and can_fuse(x) and last.can_fuse(x):
            if not frozen:
                kernel, scale, bias = weights()
                if scale is not None and scale.requires_grad:
                    kernel, scale = kernel * scale.reshape(-1, 1, 1, 1), None
                kernel, geometry = last.geometry(x, kernel)
                return fused_convolution(
                    x, kernel, bias, geometry, scale=scale, shortcut=shortcut, clamp=clamp
                )
            if not torch.is_grad_enabled():
                number = number_type()
                kernel, bias = kept_weights(number)
                kernel, geometry = last.geometry(x, kernel)
                x, shortcut = x.to(number), None if shortcut is None else shortcut.to(number)
                return convolved(x, kernel, bias, geometry, shortcut=shortcut, clamp=clamp)
        if frozen:
            kernel, bias = kept_weights(torch.float32)
        else:
            kernel, scale, bias = weights()
            kernel = kernel if scale is None else kernel * scale.reshape(-1, 1, 1, 1)
        y = last.convolve(x, kernel, bias)
        y = y if shortcut is None else y.add_(shortcut)
        return y if clamp is None else clamp(y, True)

    if frozen:
        kept_weights(torch.float32)
    return compute


def _plain(kernel: Tensor) -> Tensor:
    """(kh, kw, channels, filters), as Keras has it, to (filters, channels, kh, kw)."""
    return kernel.permute(3, 2, 0, 1)


def _depthwise(kernel: Tensor) -> Tensor:
    """(kh, kw, channels, multiplier) to (channels · multiplier, 1, kh, kw)."""
    height, width, channels, multiplier = kernel.shape
    return kernel.reshape(height, width, 1, channels * multiplier).permute(3, 2, 0, 1)


def _fixed_affine(norm: Any) -> tuple[Tensor, Tensor]:
    """Scale and offset per channel of a batch normalisation whose statistics are fixed."""
    scale = torch.rsqrt(norm.moving_variance.value + norm.epsilon)
    if norm.scale:
        scale = scale * norm.gamma.value
    offset = -norm.moving_mean.value * scale
    return scale, offset + norm.beta.value if norm.center else offset


def fixed_norm(layer: Any) -> Compute:
    """`BatchNormalization` by its moving statistics."""

    def compute(x: Tensor) -> Tensor:
        return functional.batch_norm(
            x,
            layer.moving_mean.value,
            layer.moving_variance.value,
            layer.gamma.value if layer.scale else None,
            layer.beta.value if layer.center else None,
            eps=layer.epsilon,
        )

    return compute


def measured_norm(layer: Any) -> Compute:
    """`BatchNormalization` by the batch's own statistics, which also move the moving ones."""

    def compute(x: Tensor) -> Tensor:
        gamma = layer.gamma.value if layer.scale else None
        beta = layer.beta.value if layer.center else None
        y, mean, inverse = torch.native_batch_norm(
            x, gamma, beta, None, None, True, 0.0, layer.epsilon
        )
        with torch.no_grad():
            # Keras moves by the batch's plain variance, PyTorch's own layer by the unbiased one.
            variance = inverse.pow(-2) - layer.epsilon
            for moving, now in (
                (layer.moving_mean.value, mean),
                (layer.moving_variance.value, variance),
            ):
                moving.mul_(layer.momentum).add_(now, alpha=1.0 - layer.momentum)
        return y

    return compute


def activation(function: Any) -> InPlace | Clamp | None:
    """An activation function of Keras as ``f(x, in_place)``; None where it is not of single values."""
    import keras

    if function is keras.activations.relu:
        return Clamp()
    if function is keras.activations.relu6:
        return Clamp(6.0)
    for name, ours in ACTIVATIONS.items():
        if function is getattr(keras.activations, name):
            return lambda x, _in_place: ours(x)
    return None


def relu_layer(layer: Any) -> Clamp | None:
    """`ReLU` as a clamp; None for slopes and thresholds."""
    if layer.negative_slope or layer.threshold:
        return None
    return Clamp(None if layer.max_value is None else float(layer.max_value))


def max_pooling(layer: Any, *, zeros: tuple[int, int] = (0, 0)) -> Compute:
    """`MaxPooling2D`; `zeros` rows and columns may be added around images without negative values."""
    window = Window(
        tuple(layer.pool_size), tuple(layer.strides), same=layer.padding == "same", zeros=zeros
    )

    def compute(x: Tensor) -> Tensor:
        around = above, below, left, right = window.padding(x)
        if window.may_be_uneven(around):
            x = functional.pad(x, (left, right, above, below), value=float("-inf"))
            above, left = 0, 0
        return functional.max_pool2d(x, window.size, window.strides, (above, left))

    return compute


def average_pooling(layer: Any) -> Compute | None:
    """`AveragePooling2D`; None where the padding may be uneven."""
    if layer.padding == "same" and (
        any(size % 2 == 0 for size in layer.pool_size) or tuple(layer.strides) != (1, 1)
    ):
        return None
    window = Window(tuple(layer.pool_size), tuple(layer.strides), same=layer.padding == "same")

    def compute(x: Tensor) -> Tensor:
        above, _, left, _ = window.padding(x)
        return functional.avg_pool2d(
            x, window.size, window.strides, (above, left), count_include_pad=False
        )

    return compute


def zero_padding(layer: Any) -> Compute:
    """`ZeroPadding2D`."""
    (above, below), (left, right) = layer.padding
    return lambda x: functional.pad(x, (left, right, above, below))


def rescaling(layer: Any) -> Compute | None:
    """`Rescaling` by numbers, or one a channel; None for others. Its numbers are laid out once."""
    try:
        numbers = [
            torch.tensor(value, dtype=torch.float32) for value in (layer.scale, layer.offset)
        ]
    except (TypeError, ValueError):  # they are described by something else
        return None
    if str(layer.compute_dtype) != "float32" or any(one.ndim > 1 for one in numbers):
        return None
    scale, offset = (one.reshape(-1, 1, 1) for one in numbers)

    def compute(x: Tensor) -> Tensor:
        return x.float() * scale.to(x.device) + offset.to(x.device)

    return compute


def layer_norm(layer: Any) -> Compute | None:
    """`LayerNormalization` over channels; None over other axes, and for its old way of scaling."""
    axes = [layer.axis] if isinstance(layer.axis, int) else list(layer.axis)
    if axes not in ([-1], [3]) or getattr(layer, "rms_scaling", False):
        return None

    def compute(x: Tensor) -> Tensor:
        y = functional.layer_norm(
            x.permute(0, 2, 3, 1),
            (x.shape[1],),
            layer.gamma.value if layer.scale else None,
            layer.beta.value if layer.center else None,
            layer.epsilon,
        )
        return y.permute(0, 3, 1, 2)

    return compute
