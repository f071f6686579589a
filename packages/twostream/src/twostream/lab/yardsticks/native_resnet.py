"""ResNet-50 in plain PyTorch, the yardstick of `twostream bench training`.

Written as one writes it for PyTorch: modules, channels-last memory, nothing of Keras. The architecture is
that of `keras.applications.ResNet50` (He et al. 2016; strides in the first convolution of a block,
biases in all), whole or cut after any block, with the weights of the Keras network.
"""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from twostream.errors import TwostreamError

EPSILON = 1.001e-5
BLOCK = re.compile(r"conv(\d+)_block(\d+)_1_conv")


class Bottleneck(nn.Module):
    """Three convolutions and a shortcut, which is a convolution where the shape changes."""

    def __init__(self, inputs: int, filters: int, *, stride: int, projects: bool) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(inputs, filters, 1, stride)
        self.norm1 = nn.BatchNorm2d(filters, EPSILON, 0.01)
        self.conv2 = nn.Conv2d(filters, filters, 3, padding=1)
        self.norm2 = nn.BatchNorm2d(filters, EPSILON, 0.01)
        self.conv3 = nn.Conv2d(filters, 4 * filters, 1)
        self.norm3 = nn.BatchNorm2d(4 * filters, EPSILON, 0.01)
        if projects:
            self.conv0 = nn.Conv2d(inputs, 4 * filters, 1, stride)
            self.norm0 = nn.BatchNorm2d(4 * filters, EPSILON, 0.01)
        self.projects = projects

    def forward(self, x: Tensor) -> Tensor:
        """(n, inputs, h, w) to (n, 4 filters, h / stride, w / stride)."""
        shortcut = self.norm0(self.conv0(x)) if self.projects else x
        x = functional.relu(self.norm1(self.conv1(x)), inplace=True)
        x = functional.relu(self.norm2(self.conv2(x)), inplace=True)
        x = self.norm3(self.conv3(x))
        return functional.relu(x + shortcut, inplace=True)


class ResNet(nn.Module):
    """Pixels in 0..255, (n, h, w, c), to logits (n, classes)."""

    scale: Tensor
    offset: Tensor

    def __init__(
        self, blocks: list[Bottleneck], *, channels: int, classes: int, scaling: tuple[Any, Any]
    ) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(channels, 64, 7, 2, 3)
        self.norm1 = nn.BatchNorm2d(64, EPSILON, 0.01)
        self.blocks = nn.Sequential(*blocks)
        self.classes = nn.Linear(4 * blocks[-1].conv2.out_channels, classes)
        for name, values in zip(("scale", "offset"), scaling, strict=True):
            self.register_buffer(name, torch.tensor(values, dtype=torch.float32))

    def forward(self, samples: Tensor) -> Tensor:
        """Logits of samples (n, h, w, c) float32."""
        x = (samples * self.scale + self.offset).permute(0, 3, 1, 2)
        x = functional.relu(self.norm1(self.conv1(x)), inplace=True)
        x = functional.max_pool2d(x, 3, 2, 1)
        logits: Tensor = self.classes(self.blocks(x).mean((2, 3)))
        return logits

    def fix_norms(self) -> None:
        """Fix the statistics and scales of all batch normalisations."""
        for module in self.modules():
            if isinstance(module, nn.BatchNorm2d):
                module.eval().requires_grad_(False)


def native_resnet(network: Any, head: Any, *, scaling: tuple[Any, Any]) -> ResNet:
    """The Keras ResNet-50 `network` and its `Dense` `head` in PyTorch, channels-last.

    Raises TwostreamError for a network that is no ResNet-50, whole or cut.
    """
    names = {layer.name for layer in network.layers}
    found = [match.groups() for name in names if (match := BLOCK.fullmatch(name))]
    blocks = sorted((int(stage), int(block)) for stage, block in found)
    if not blocks or "conv1_conv" not in names:
        raise TwostreamError(
            network.name,
            expected="a ResNet-50, whole or cut, which is written in PyTorch to compare with",
            found="another network",
            remedy="--backbone ResNet50",
        )
    modules, width = [], 64
    for stage, block in blocks:
        filters = 64 * 2 ** (stage - 2)
        stride = 2 if block == 1 and stage > 2 else 1
        modules.append(Bottleneck(width, filters, stride=stride, projects=block == 1))
        width = 4 * filters
    classes, channels = head.units, network.input_shape[-1]
    model = ResNet(modules, channels=channels, classes=classes, scaling=scaling)
    _copy_convolution(network, "conv1", model.conv1, model.norm1)
    for (stage, block), module in zip(blocks, modules, strict=True):
        prefix = f"conv{stage}_block{block}"
        for number in (0, 1, 2, 3) if module.projects else (1, 2, 3):
            convolution = getattr(module, f"conv{number}")
            _copy_convolution(
                network, f"{prefix}_{number}", convolution, getattr(module, f"norm{number}")
            )
    kernel, bias = head.get_weights()
    _copy(model.classes.weight, kernel.T)
    _copy(model.classes.bias, bias)
    return model.to(memory_format=torch.channels_last)  # type: ignore[call-overload,no-any-return]


def _copy_convolution(
    network: Any, prefix: str, convolution: nn.Conv2d, norm: nn.BatchNorm2d
) -> None:
    kernel, bias = network.get_layer(f"{prefix}_conv").get_weights()
    _copy(convolution.weight, kernel.transpose(3, 2, 0, 1))
    _copy(convolution.bias, bias)
    targets = (norm.weight, norm.bias, norm.running_mean, norm.running_var)
    for target, values in zip(
        targets, network.get_layer(f"{prefix}_bn").get_weights(), strict=True
    ):
        _copy(target, values)


@torch.no_grad()
def _copy(target: Tensor | None, values: Any) -> None:
    assert target is not None
    target.copy_(torch.from_numpy(np.ascontiguousarray(values)))
