"""What can be found wrong before hours of work: options, files and parts of a split."""

from __future__ import annotations

from collections.abc import Container
from pathlib import Path
from typing import Literal

from twostream.datasets.clips import Dataset
from twostream.datasets.listing import VAL
from twostream.datasets.manifest import ALL_CLIPS, Manifest
from twostream.errors import TwostreamError
from twostream.models.backbones import check_backbone
from twostream.models.backend import prepare_keras
from twostream.models.device import on_device
from twostream.models.earlier_run import earlier_model_file
from twostream.options import flag_names
from twostream.preparation.options import ExtractionOptions
from twostream.preparation.record import read_preparation_record
from twostream.training.backbone import for_tests, for_training, starting_backbone
from twostream.training.learnt_clips import LearntClip, earlier_clips
from twostream.training.options import TrainingOptions
from twostream.training.record import read_record
from twostream.transforms.preprocessing import load_preprocessing

# What decides how strong a motion is in the codes of flow: keys of prepare.yaml, and their flags.
FLAGS, FLOW_SETTINGS = flag_names(ExtractionOptions), ("flow", "bound_px", "step")
NO_PART = (
    "check the annotations, lists or folders that say which clips it has, or have splits drawn by "
    "--folds 5; a class needs clips of two source videos"
)


def check_names(options: TrainingOptions) -> None:
    """Raise TwostreamError for a backbone, weights or an earlier run that are not there at all.

    Looks at names and files only; `check_training` loads them. The names of `keras.applications` are those
    of the Keras that is installed, whose import takes seconds.
    """
    prepare_keras()
    if options.earlier_model is None:
        least = min(options.size_px, options.seen_size_px)
        check_backbone(options.backbone, weights=options.weights, size_px=least)


def check_training(options: TrainingOptions) -> None:
    """Raise TwostreamError where the network that a training begins with cannot be had.

    Downloads ImageNet weights where they are missing, and builds the network: seconds, which is
    little beside hours that would end with a damaged file, or with one that does not suit.
    """
    check_names(options)
    if options.from_run is not None:
        _check_stack_length(options)
    with on_device(options.compute.device):
        backbone = for_training(starting_backbone(options), options)
        if options.seen_size_px != options.size_px:
            for_tests(backbone.model, options)


def check_start(
    options: TrainingOptions, manifest: Manifest, *, run: Path
) -> dict[str, LearntClip]:
    """The clips that the earlier run has learnt from (see `earlier_clips`), where it can be a start.

    Raises TwostreamError where training into `run` cannot start from it: from itself, from stacks of
    another length, or from a network that has learnt from test clips.
    """
    if options.from_run is None:
        return {}
    earlier = Path(options.from_run)
    if earlier.resolve() == run.resolve():
        raise TwostreamError(
            run,
            expected="a folder that is not the earlier run's: its models would be removed",
            found="the same folder",
            remedy="choose another --out",
        )
    _check_stack_length(options)
    return earlier_clips(options, manifest)


def _check_stack_length(options: TrainingOptions) -> None:
    folder = earlier_model_file(Path(str(options.from_run)), stream=options.stream).parent
    seen = load_preprocessing(folder / "preprocessing.json")
    if options.stream == "temporal" and seen.stack_length != options.stack_length:
        raise TwostreamError(
            folder,
            expected=f"a stream of stacks of {options.stack_length} flows",
            found=f"one of {seen.stack_length}",
            remedy=f"--stack-length {seen.stack_length}",
        )


def check_parts(manifest: Manifest, *, split: int) -> None:
    """Raise TwostreamError unless a split has clips to train on and, if it is one, clips to test on."""
    if split == ALL_CLIPS:
        return
    known: tuple[Literal["train", "val", "test"], ...] = ("train", "val", "test")
    sides = {side for side in known if manifest.part(split, side)}
    _check_sides(sides, f"split {split} of {manifest.folder}")


def check_source_parts(dataset: Dataset, source: Path, *, split: int) -> None:
    """The same of a source whose clips are not prepared yet; also where it has no such split."""
    if split not in dataset.splits:
        known = ", ".join(str(number) for number in sorted(dataset.splits))
        raise TwostreamError(
            f"split {split} of {source}",
            expected=f"one of the splits that there are: {known or 'none'}",
            found="no such split",
            remedy="choose another --split",
        )
    _check_sides(set(dataset.splits[split].values()), f"split {split} of {source}")


def _check_sides(sides: Container[str], subject: str) -> None:
    for side in ("train", "test"):
        if side not in sides:
            only_val = side == "test" and VAL in sides
            raise TwostreamError(
                subject,
                expected=f"at least one {side} clip",
                found="none, but clips to validate on" if only_val else "none",
                remedy="--val-part test, and part of train validates" if only_val else NO_PART,
            )


def untrained_classes(manifest: Manifest, *, split: int) -> tuple[str, ...]:
    """Classes with test clips but no training clip: these clips can never be right."""
    trained = {name for row in manifest.part(split, "train") for name in row.names}
    tested = {name for row in manifest.part(split, "test") for name in row.names}
    return tuple(name for name in manifest.classes if name in tested - trained)


def flow_of_another_kind(options: TrainingOptions, data: Path) -> str | None:
    """How the flow that an earlier run learnt from differs from that of `data`; None where it does not.

    With another bound or step the same motion has other codes, so that the start is worth less. None
    also for frames, without an earlier run, and where it cannot be told any more.
    """
    if options.stream != "temporal" or options.from_run is None:
        return None
    try:
        earlier = read_record(Path(options.from_run) / options.stream)
    except TwostreamError:
        return None
    then, now = read_preparation_record(Path(earlier.data)), read_preparation_record(data)
    found = [
        f"{FLAGS[key]} {then[key]} then, {now[key]} now"
        for key in FLOW_SETTINGS
        if key in then and key in now and then[key] != now[key]
    ]
    return "; ".join(found) or None
