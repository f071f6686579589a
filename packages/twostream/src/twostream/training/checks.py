"""What can be found wrong before hours of work: options, files and parts of a split."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from twostream.datasets.manifest import Manifest
from twostream.errors import TwostreamError
from twostream.models.backbones import check_backbone
from twostream.models.backend import prepare_keras
from twostream.training.options import TrainingOptions
from twostream.transforms.preprocessing import Stream


def check_training(
    *, streams: Sequence[Stream], backbone: str, weights: str | None, **options: Any
) -> None:
    """Raise TwostreamError for options that one of the `streams` could not be trained with.

    Looks at values, names and files; weights are not downloaded.
    """
    prepare_keras()
    for stream in streams:
        asked = TrainingOptions(stream=stream, backbone=backbone, weights=weights, **options)
        if asked.earlier_model is None:
            check_backbone(backbone, weights=weights)


def check_parts(manifest: Manifest, *, split: int) -> None:
    """Raise TwostreamError unless a split has clips to train on and clips to test on."""
    for side in ("train", "test"):
        if not manifest.part(split, side):
            raise TwostreamError(
                f"split {split} of {manifest.folder}",
                expected=f"at least one {side} clip",
                found="none",
                remedy="check the annotations; without any, a class needs clips of two source videos",
            )


def untrained_classes(manifest: Manifest, *, split: int) -> tuple[str, ...]:
    """Classes with test clips but no training clip: these clips can never be right."""
    trained = {row.class_name for row in manifest.part(split, "train")}
    tested = {row.class_name for row in manifest.part(split, "test")}
    return tuple(name for name in manifest.classes if name in tested - trained)
