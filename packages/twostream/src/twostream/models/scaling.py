"""What range of input a pretrained backbone expects, as a linear map of 0..255 RGB."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from twostream.choices import InputConvention as InputConvention
from twostream.errors import TwostreamError


@dataclass(frozen=True)
class InputScaling:
    """``network input = value * scale + offset`` per RGB channel.

    `swaps_channels` for BGR networks; `scales_itself` for networks that take 0..255 as it is.
    """

    scale: tuple[float, float, float]
    offset: tuple[float, float, float]
    swaps_channels: bool = False
    scales_itself: bool = False


def input_scaling(convention: InputConvention) -> InputScaling:
    """The scaling of a convention, in the names that `keras.applications` gives them.

    caffe: BGR minus the ImageNet mean; torch: 0..1 standardised by channel; tf: -1..1; raw: the
    network scales its input itself.

    >>> input_scaling("caffe").offset
    (-123.68, -116.779, -103.939)
    """
    if convention == "caffe":
        return InputScaling((1.0, 1.0, 1.0), (-123.68, -116.779, -103.939), swaps_channels=True)
    if convention == "torch":
        mean, std = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)
        scale = tuple(1.0 / (255.0 * s) for s in std)
        offset = tuple(-m / s for m, s in zip(mean, std, strict=True))
        return InputScaling((scale[0], scale[1], scale[2]), (offset[0], offset[1], offset[2]))
    if convention == "tf":
        return InputScaling((1 / 127.5,) * 3, (-1.0,) * 3)
    return InputScaling((1.0,) * 3, (0.0,) * 3, scales_itself=True)


# What the families of keras.applications take, by prefixes of their names; the longest match decides. For
# those that usually scale their input themselves it is what they take without these layers.
CONVENTIONS: dict[str, InputConvention] = {
    "resnet": "caffe",
    "resnetv2": "tf",
    "resnet50v2": "tf",
    "resnet101v2": "tf",
    "resnet152v2": "tf",
    "vgg": "caffe",
    "densenet": "torch",
    "mobilenet": "tf",
    "mobilenetv3": "tf",
    "inception": "tf",
    "xception": "tf",
    "nasnet": "tf",
    "efficientnet": "raw",
    "efficientnetv2": "tf",
    "convnext": "torch",
}


def convention_of(model: Any, *, subject: str) -> InputConvention:
    """The input convention of a Keras model, read from its name (``resnet50_conv4``: caffe).

    Raises TwostreamError where the name tells no known family.
    """
    name = str(model.name).lower().replace("_", "")
    matches = [prefix for prefix in CONVENTIONS if name.startswith(prefix)]
    if not matches:
        raise TwostreamError(
            subject,
            expected="a model whose name begins with a family of keras.applications "
            f"({', '.join(sorted(CONVENTIONS))}), which tells its input range",
            found=f"a model named {model.name!r}",
            remedy="say it with --input-convention caffe|torch|tf|raw",
        )
    return CONVENTIONS[max(matches, key=len)]
