"""Under what terms the weights are that a run began with, as far as that is known.

Weights trained from others are usually taken to be theirs too; what this program cannot know it says.
"""

from __future__ import annotations

from dataclasses import dataclass

from twostream.models.backbones import FROM_SCRATCH
from twostream.models.efficientnet_lite import VARIANTS
from twostream.training.two_streams import TwoStreamBundle


@dataclass(frozen=True)
class Licence:
    """A licence by its SPDX name as the Hub writes it (``other`` where it is not known), and a sentence."""

    name: str
    sentence: str


UNKNOWN = "other"


def licence_of(bundle: TwoStreamBundle) -> Licence:
    """That of the networks of a bundle, from what the backbones began with.

    >>> licence_of_start("EfficientNetLite0", None).name
    'apache-2.0'
    >>> licence_of_start("my/own.keras", None).name
    'other'
    """
    found = {
        licence_of_start(one.training.backbone, one.training.weights) for one in bundle.streams
    }
    names = {one.name for one in found}
    return Licence(
        names.pop() if len(names) == 1 else UNKNOWN,
        " ".join(sorted({one.sentence for one in found})),
    )


def licence_of_start(backbone: str, weights: str | None) -> Licence:
    """That of a network which began as `backbone` with `weights` (None: the best there are)."""
    if backbone in FROM_SCRATCH or weights == "none":
        return Licence(UNKNOWN, "The networks learnt from the training clips alone.")
    if weights not in (None, "imagenet") or backbone.endswith((".keras", ".h5")):
        return Licence(
            UNKNOWN,
            "The networks began with weights from a file of whoever trained them: its terms hold.",
        )
    if backbone in VARIANTS:
        return Licence(
            "apache-2.0",
            f"{backbone} began with ImageNet weights that its authors released under Apache-2.0.",
        )
    return Licence(
        UNKNOWN,
        f"{backbone} began with the ImageNet weights that keras.applications brings: "
        "https://keras.io/api/applications/ names the terms of each.",
    )
