"""Backbones by name or file: image networks without their classifier, ready for either stream."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from twostream.errors import TwostreamError
from twostream.events import warn
from twostream.models.as_trained import random_layers, refuse_quantised
from twostream.models.cross_modality import CrossModality, with_input_channels
from twostream.models.efficientnet_lite import VARIANTS as LITE
from twostream.models.files import described_hdf5, load_network_file, load_weights_file
from twostream.models.imagenet import application
from twostream.models.keras_2 import is_whole_model
from twostream.models.own_scaling import network_scaling, scaling_layers
from twostream.models.packaged_weights import lite_network, packaged_file
from twostream.models.scaling import InputConvention, InputScaling, input_scaling
from twostream.paths import require_path
from twostream.suggestions import did_you_mean

OTHER_MODEL_FILES = (
    *(".h5", ".hdf5", ".pb", ".pt", ".pth", ".onnx", ".tflite", ".safetensors", ".ckpt"),
)
FROM_SCRATCH = ("cnn-m", "cnn-m-dense", "cnn-s")
# What `keras.applications` demands of each side of an image, in px.
SMALLEST_SIDE = 32
SMALLEST_SIDES = {"Xception": 71, "InceptionV3": 75, "InceptionResNetV2": 75}


@dataclass(frozen=True)
class Backbone:
    """A network (S, S, C) -> (h, w, features), the scaling in front of it, and whether it is trained."""

    model: Any
    scaling: InputScaling
    pretrained: bool


def load_backbone(
    backbone: str,
    *,
    weights: str | None,
    channels: int,
    size_px: int,
    convention: InputConvention | None = None,
    cross_modality: CrossModality = "mean",
) -> Backbone:
    """The backbone for `channels` input channels (3: frames; 2 L: stacks of flow).

    `backbone` is ``EfficientNetLite0`` (or 1, 2), a class of `keras.applications`, a ``.keras`` file, or
    one of `FROM_SCRATCH`. `weights` is ``imagenet``, ``none``, or a file of
    weights; None means the best there is: the file's own, ImageNet's, none from scratch. Raises
    TwostreamError for unknown names, unusable files, and ImageNet weights that cannot be had.
    """
    check_backbone(backbone, weights=weights, size_px=size_px)
    if backbone in FROM_SCRATCH:
        return _from_scratch(backbone, channels=channels, size_px=size_px)
    if is_network_file(backbone):
        model = load_network_file(Path(backbone))
    elif backbone in LITE:
        model = lite_network(backbone, pretrained=weights in (None, "imagenet"))
    else:
        model = application(backbone, pretrained=weights in (None, "imagenet"))
    if weights not in (None, "imagenet", "none"):
        load_weights_file(model, Path(str(weights)))
    return adapt_backbone(
        model,
        subject=backbone,
        pretrained=weights != "none",
        channels=channels,
        size_px=size_px,
        convention=convention,
        cross_modality=cross_modality,
    )


def is_network_file(backbone: str) -> bool:
    """Whether a backbone is a file with a network in it: ``.keras``, or HDF5 that holds its layers."""
    return backbone.lower().endswith(".keras") or is_whole_model(Path(backbone))


def adapt_backbone(
    model: Any,
    *,
    subject: str,
    pretrained: bool,
    channels: int,
    size_px: int,
    convention: InputConvention | None = None,
    cross_modality: CrossModality = "mean",
) -> Backbone:
    """The image network `model` for `channels` input channels, its scaling in front of it.

    A pretrained one keeps its weights; else they are drawn anew. Raises TwostreamError for a network
    whose scaling is unknown, that does not begin with a convolution over RGB, or that needs larger
    images.
    """
    refuse_quantised(model, subject=subject)
    scaling = network_scaling(model, convention=convention, subject=subject)
    random = [layer.name for layer in random_layers(model)]
    if random:
        warn(f"{subject}: {', '.join(random)} left out: training changes pictures at random itself")
    network = with_input_channels(
        model,
        channels=channels,
        size_px=size_px,
        swap=scaling.swaps_channels,
        cross_modality=cross_modality,
        without=[*random, *(layer.name for layer in scaling_layers(model))],
        keep_weights=pretrained,
    )
    return Backbone(network, scaling, pretrained)


def check_backbone(backbone: str, *, weights: str | None, size_px: int) -> None:
    """Raise TwostreamError for names, files and sizes that cannot be, without loading anything.

    What only loading tells (damaged files, networks that do not fit) `load_backbone` finds.
    """
    if backbone in FROM_SCRATCH:
        _check_from_scratch(backbone, weights)
    elif is_network_file(backbone):
        _check_file(Path(backbone), "a .keras file", flag="--backbone")
    elif backbone in LITE:
        _check_size(backbone, size_px)
        if weights in (None, "imagenet"):
            packaged_file(backbone)
    else:
        _check_name(backbone)
        _check_size(backbone, size_px)
    if weights not in (None, "imagenet", "none"):
        _check_file(Path(str(weights)), "imagenet, none or a file of weights", flag="--weights")


def _check_file(path: Path, expected: str, *, flag: str) -> None:
    require_path(path, flag=flag, expected=expected)
    if path.is_dir():
        raise TwostreamError(path, expected=expected, found="a folder", remedy=f"check {flag}")


def _check_from_scratch(name: str, weights: str | None) -> None:
    if weights not in (None, "none"):
        raise TwostreamError(
            f"--backbone {name}",
            expected="--weights none: no pretrained weights of it exist",
            found=f"--weights {weights}",
            remedy="leave --weights out or choose another backbone",
        )


def _check_name(name: str) -> None:
    names = application_names()
    if name not in names:
        hint = did_you_mean(
            name, [*names, *LITE, *FROM_SCRATCH], otherwise="see keras.applications"
        )
        found = "none of them"
        if Path(name).suffix.lower() in OTHER_MODEL_FILES or Path(name).exists():
            found, hint = described_hdf5(Path(name))
        raise TwostreamError(
            f"--backbone {name}",
            expected=f"{', '.join((*LITE, *FROM_SCRATCH))}, a .keras file or a class of "
            "keras.applications",
            found=found,
            remedy=hint,
        )
    import keras

    if name.startswith("NASNet") and keras.backend.backend() == "torch":
        raise TwostreamError(
            f"--backbone {name}",
            expected="a network that Keras builds on PyTorch",
            found="one that it refuses there",
            remedy="choose another backbone, or set KERAS_BACKEND=jax",
        )


def _check_size(name: str, size_px: int) -> None:
    least = SMALLEST_SIDES.get(name, SMALLEST_SIDE)
    if size_px < least:
        raise TwostreamError(
            "--size",
            expected=f"at least {least} for {name}",
            found=str(size_px),
            remedy="raise --size or choose another backbone",
        )


def _from_scratch(name: str, *, channels: int, size_px: int) -> Backbone:
    from twostream.models.small import cnn_m, cnn_s

    if name == "cnn-s":
        network = cnn_s(size_px=size_px, channels=channels)
    else:
        network = cnn_m(size_px=size_px, channels=channels, dense=name == "cnn-m-dense")
    return Backbone(network, input_scaling("tf"), pretrained=False)


def application_names() -> list[str]:
    """The backbones that `keras.applications` offers, by class name."""
    import keras

    return sorted(
        name
        for name in dir(keras.applications)
        if name[0].isupper() and callable(getattr(keras.applications, name))
    )
