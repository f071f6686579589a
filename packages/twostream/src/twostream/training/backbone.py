"""The network that a training begins with."""

from __future__ import annotations

from pathlib import Path

from twostream.models.backbones import Backbone, load_backbone
from twostream.models.earlier_run import load_earlier_backbone
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
