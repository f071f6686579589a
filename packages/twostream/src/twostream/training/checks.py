"""What can be found wrong before hours of work: options, files and parts of a split."""

from __future__ import annotations

from twostream.datasets.manifest import Manifest
from twostream.errors import TwostreamError
from twostream.models.backbones import check_backbone
from twostream.models.backend import prepare_keras
from twostream.training.options import TrainingOptions


def check_training(options: TrainingOptions) -> None:
    """Raise TwostreamError for a backbone, weights or an earlier run that cannot be had.

    Looks at names and files; weights are not downloaded.
    """
    prepare_keras()
    if options.earlier_model is None:
        check_backbone(options.backbone, weights=options.weights, size_px=options.size_px)


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
