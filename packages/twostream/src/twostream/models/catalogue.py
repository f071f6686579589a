"""What backbones there are: their size, their cost, what they take, and where their weights come from.

Facts of named networks at 224 px are kept in ``known_backbones.json`` (`scripts/known_backbones.py` makes
it), for building all of them takes minutes; at another size, and of files, a network is built and counted.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, replace
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

from twostream.errors import TwostreamError
from twostream.models.backbones import FROM_SCRATCH, Backbone, check_backbone, load_backbone
from twostream.models.efficientnet_lite import VARIANTS as LITE
from twostream.models.imagenet import weights_folder
from twostream.models.operations import floating_point_operations
from twostream.models.packaged_weights import PACKAGES, packaged_file
from twostream.models.scaling import CONVENTIONS

KNOWN_SIZE_PX = 224
RANGES = {
    "caffe": "BGR minus the mean",
    "torch": "0..1, standardised",
    "tf": "-1..1",
    "raw": "0..255",
}


@dataclass(frozen=True)
class BackboneFacts:
    """One backbone: `operations` are those of one RGB image of `size_px`, a sum and a product being two.

    `input_range` is what the network takes; training and scoring see to it by themselves. `at_hand` is
    None where there are no pretrained weights. `images_per_second` is None where nothing was timed.
    """

    name: str
    parameters: int
    operations: int
    size_px: int
    input_range: str
    weights: str
    at_hand: bool | None
    images_per_second: float | None = None

    def to_dict(self) -> dict[str, Any]:
        """Plain values, for JSON."""
        return asdict(self)


def known_backbones() -> list[BackboneFacts]:
    """All networks that have a name, at 224 px; none of them is built."""
    return [
        _with_weights(name, int(facts["parameters"]), int(facts["operations"]), KNOWN_SIZE_PX)
        for name, facts in _known().items()
    ]


def backbone_facts(backbone: str, *, size_px: int) -> tuple[BackboneFacts, Backbone]:
    """The facts of a named network or a ``.keras`` file at `size_px`, and the network itself.

    The weights of a named one are random: they change nothing here. Raises TwostreamError as
    `load_backbone` does.
    """
    own = backbone.endswith(".keras")
    weights = None if own else "none"
    check_backbone(backbone, weights=weights, size_px=size_px)
    loaded = load_backbone(backbone, weights=weights, channels=3, size_px=size_px)
    parameters = int(loaded.model.count_params())
    operations = floating_point_operations(loaded.model)
    facts = _with_weights(backbone, parameters, operations, size_px)
    if own:
        facts = replace(
            facts, input_range=_told(loaded), weights="in the file", at_hand=loaded.pretrained
        )
    return facts, loaded


@cache
def _known() -> dict[str, dict[str, Any]]:
    text = files("twostream.models").joinpath("known_backbones.json").read_text(encoding="utf-8")
    found: dict[str, dict[str, Any]] = json.loads(text)
    return found


def _with_weights(name: str, parameters: int, operations: int, size_px: int) -> BackboneFacts:
    weights, at_hand = _weights_of(name)
    return BackboneFacts(
        name, parameters, operations, size_px, _input_range(name), weights, at_hand
    )


def _weights_of(name: str) -> tuple[str, bool | None]:
    if name in FROM_SCRATCH:
        return "none: it learns from scratch", None
    if name in LITE:
        return f"the package {PACKAGES[name].distribution}", _is_installed(name)
    file = _known().get(name, {}).get("weights_file")
    if file is None:
        return "what Keras downloads", False
    return f"{file}, which Keras downloads", (weights_folder() / Path(file).name).is_file()


def _is_installed(name: str) -> bool:
    try:
        packaged_file(name)
    except TwostreamError:
        return False
    return True


def _input_range(name: str) -> str:
    if name in LITE:
        return "(x - 127) / 128"
    if name in FROM_SCRATCH:
        return RANGES["tf"]
    matches = [prefix for prefix in CONVENTIONS if name.lower().startswith(prefix)]
    return RANGES[CONVENTIONS[max(matches, key=len)]] if matches else "as its name tells"


def _told(backbone: Backbone) -> str:
    """The range of a file's network, from its scaling in front."""
    scale, offset = backbone.scaling.scale, backbone.scaling.offset
    low = ", ".join(f"{b:.4g}" for b in offset)
    high = ", ".join(f"{255 * a + b:.4g}" for a, b in zip(scale, offset, strict=True))
    order = "BGR, " if backbone.scaling.swaps_channels else ""
    return f"{order}{low} to {high}"
