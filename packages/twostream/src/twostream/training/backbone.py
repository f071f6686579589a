"""The network that a training begins with."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

from twostream.models.any_size import of_size
from twostream.models.backbones import Backbone, load_backbone
from twostream.models.earlier_run import load_earlier_backbone
from twostream.models.stochastic_depth import with_stochastic_depth, without_stochastic_depth
from twostream.training.options import TrainingOptions
from twostream.transforms.preprocessing import Preprocessing


def starting_backbone(options: TrainingOptions) -> Backbone:
    """The backbone of an earlier run, or the one that the options name, for this stream's samples.

    Raises TwostreamError where it cannot be had, or does not suit.
    """
    sample = Preprocessing(
        stream=options.stream, size_px=options.size_px, stack_length=options.stack_length
    )
    channels = 3 if options.flow_input == "pictures" else sample.channels
    if options.earlier_model is not None:
        return load_earlier_backbone(
            Path(options.earlier_model), channels=channels, size_px=options.size_px
        )
    return load_backbone(
        options.backbone,
        weights=options.weights,
        channels=channels,
        size_px=options.size_px,
        convention=options.input_convention,
        cross_modality=options.cross_modality,
    )


def for_training(backbone: Backbone, options: TrainingOptions) -> Backbone:
    """The backbone as all layers are trained: with `stochastic_depth`, of the same layers.

    What is measured of a network beforehand (features, normalisations) is measured without it.
    Raises TwostreamError for a network that has no residual branches.
    """
    if options.stochastic_depth == 0.0:
        return backbone
    subject = options.earlier_model or options.backbone
    network = with_stochastic_depth(backbone.model, options.stochastic_depth, subject=subject)
    return replace(backbone, model=network)


def for_tests(network: Any, options: TrainingOptions) -> Any:
    """A network as it is used: without what training alone needs, on samples of the size that tests see.

    Made of the same layers. Raises TwostreamError for one that takes one size only.
    """
    if options.stochastic_depth:
        network = without_stochastic_depth(network)
    if options.seen_size_px != options.size_px:
        size = options.seen_size_px
        network = of_size(network, size, size, asked="--test-size", remedy="leave --test-size out")
    return network
