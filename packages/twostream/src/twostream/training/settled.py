"""Options whose default depends on the clips: how many there are decides what is trained of a network."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from statistics import median
from typing import Any

from twostream.choices import FlowInput
from twostream.datasets.folds import are_folds
from twostream.datasets.manifest import ALL_CLIPS, Manifest
from twostream.errors import TwostreamError
from twostream.training.begun_again import from_its_own_start, knows_more
from twostream.training.kept_head import earlier_classes, earlier_flow_input
from twostream.training.options import KEPT, TrainingOptions

# Up to so many training clips a class (the median over classes, so that one large class changes nothing) a
# pretrained backbone stays as it is and the head alone is trained.
FEW_CLIPS = 20
EPOCHS = 10
LEFT_TO_THE_CLIPS = ("epochs", "head", "flow_input", "view")


def clips_per_class(manifest: Manifest, *, split: int) -> float:
    """The median number of training clips over the classes that have any; 0 where none has.

    All folds, and the final model, are of one kind: for each of them it is the median over the folds. A
    final model beside other splits is of the kind of the first of them.
    """
    numbers = manifest.split_numbers
    if are_folds(row.splits for row in manifest.rows):
        return float(median(_clips_per_class(manifest, number) for number in numbers))
    return _clips_per_class(manifest, numbers[0] if split == ALL_CLIPS and numbers else split)


def _clips_per_class(manifest: Manifest, split: int) -> float:
    counts = Counter(name for row in manifest.part(split, "train") for name in row.names)
    return float(median(counts.values())) if counts else 0.0


def has_few_clips(manifest: Manifest, *, split: int) -> bool:
    """Whether a split trains a head alone on a pretrained backbone, unless told otherwise."""
    return clips_per_class(manifest, split=split) <= FEW_CLIPS


def settled(options: TrainingOptions, manifest: Manifest) -> TrainingOptions:
    """The options with a value for each that was left to the clips.

    Few clips and a pretrained backbone: the head alone, by logistic regression, and of flow pictures. All
    layers would learn the one or two source videos of a class; with few examples a linear classifier is as
    good as they are, or ahead (Kornblith et al., Do better ImageNet models transfer better?, 2019).
    """
    options = from_its_own_start(options, manifest)
    few = options.epochs is None and options.starts_pretrained
    few = few and has_few_clips(manifest, split=options.split)
    keeps = knows_classes(options, manifest)
    if options.head == KEPT and not keeps:
        raise TwostreamError(
            f"--head {KEPT}",
            expected="--from RUN of a run that knows half of the classes, one or several a clip as here",
            found="none" if options.from_run is None else options.from_run,
            remedy="leave --head out",
        )
    if options.head is None and keeps and knows_more(options, manifest):
        options = replace(options, head=KEPT)
    return replace(
        options,
        epochs=(0 if few else EPOCHS) if options.epochs is None else options.epochs,
        head=options.head or ("logistic" if few else "dropout"),
        flow_input=_flow_input(options, few=few),
        view=options.view or "full",
    )


def knows_classes(options: TrainingOptions, manifest: Manifest) -> bool:
    """Whether the run that a training starts from knows at least half of the classes, and as such ones.

    Of other data sets a name or two may be the same, and mean something else.
    """
    if options.from_run is None:
        return False
    stream = Path(options.from_run) / options.stream
    known = set(earlier_classes(stream, multi_label=manifest.multi_label))
    return 2 * len(known.intersection(manifest.classes)) >= len(manifest.classes)


def _flow_input(options: TrainingOptions, *, few: bool) -> FlowInput:
    if options.stream == "spatial" or not options.starts_pretrained:
        return "stack"
    if options.flow_input is not None:
        return options.flow_input
    if options.from_run is not None:
        return earlier_flow_input(Path(options.from_run) / options.stream)
    return "pictures" if few else "stack"


def settled_as_there(options: TrainingOptions, recorded: Mapping[str, Any]) -> TrainingOptions:
    """The same as what is `recorded` of a training in the same folder, in what was left to the clips."""
    values = {
        name: recorded[name]
        for name in LEFT_TO_THE_CLIPS
        if getattr(options, name) is None and recorded.get(name) is not None
    }
    return replace(options, **values)


def settled_as_before(options: TrainingOptions) -> TrainingOptions:
    """The same as versions settled it that did not look at the clips; what they trained is kept so."""
    return replace(
        options,
        epochs=EPOCHS if options.epochs is None else options.epochs,
        head=options.head or "dropout",
        flow_input=options.flow_input or "stack",
        view=options.view or "centre",
    )
