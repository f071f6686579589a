"""Which clips train and which are held out of the training part to select on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from twostream.datasets.manifest import ALL_CLIPS, Manifest, ManifestRow
from twostream.datasets.splits import validation_groups
from twostream.errors import TwostreamError

TRAINING, VALIDATION = "training", "validation"


@dataclass(frozen=True)
class Partition:
    """Training and validation clips, none of the test part; `selection` says what follows."""

    training: tuple[ManifestRow, ...]
    validation: tuple[ManifestRow, ...]
    selection: str

    @property
    def parts(self) -> dict[str, str]:
        """Which part, ``training`` or ``validation``, each clip is in, by its id."""
        return {row.clip_id: TRAINING for row in self.training} | {
            row.clip_id: VALIDATION for row in self.validation
        }


@dataclass(frozen=True)
class Parts:
    """How many clips of a split train, validate and test, and the classes without a test clip."""

    split: int
    training: int
    validation: int
    test: int
    untested: tuple[str, ...]


def count_parts(
    manifest: Manifest, *, split: int, fraction: float, seed: int, selects: bool = True
) -> Parts:
    """The sizes of what `partition_training_part` makes, and of the test part."""
    partition = partition_training_part(
        manifest, split=split, fraction=fraction, seed=seed, selects=selects
    )
    tested = manifest.part(split, "test")
    seen = {name for row in tested for name in row.names}
    return Parts(
        split=split,
        training=len(partition.training),
        validation=len(partition.validation),
        test=len(tested),
        untested=tuple(name for name in manifest.classes if name not in seen),
    )


def partition_training_part(
    manifest: Manifest, *, split: int, fraction: float, seed: int, selects: bool = True
) -> Partition:
    """Hold out about `fraction` of each class's training clips, whole source groups at a time.

    Where the split has a val part of its own, that part validates instead, whatever the fraction is
    above 0. Else, where any class's training part has a single group, nothing is held out. The test
    part is never looked at. With `selects` false (there are no epochs to choose from) nothing is held out.
    Raises TwostreamError where the split has fewer than two classes to train.
    """
    part = manifest.part(split, "train")
    if len({name for row in part for name in row.names}) < 2:
        raise TwostreamError(
            f"split {split}",
            expected="training clips of at least 2 classes",
            found=f"{len(part)} training clips",
            remedy="check the annotations, or prepare without them for a random split",
        )
    own = manifest.part(split, "val") if fraction > 0 and selects else ()
    if own:
        sentence = (
            f"the epoch was selected on the {len(own)} validation clips that the data set gives; the "
            "test part selected nothing"
        )
        return Partition(part, own, sentence)
    held_out = (
        validation_groups(
            *_by_label(part, manifest),
            seed=seed,
            fraction=fraction,
        )
        if fraction > 0 and selects
        else frozenset()
    )
    training = tuple(row for row in part if row.clip_id not in held_out)
    validation = tuple(row for row in part if row.clip_id in held_out)
    if validation:
        sentence = (
            f"the epoch was selected on {len(validation)} validation clips, held out of the training "
            "part by source group; the test part selected nothing"
        )
    elif split == ALL_CLIPS and not fraction:
        sentence = (
            "nothing was selected: all clips were trained on, none validates or tests; the schedule is "
            "fixed and the last checkpoint is used"
        )
    elif not selects:
        sentence = (
            "nothing was selected: the head alone was trained, on all clips of the training part"
        )
    elif fraction > 0:
        sentence = (
            "nothing was selected: at least one class's training part has only one source group, so "
            "nothing could be held out; the schedule is fixed and the last checkpoint is used"
        )
    else:
        sentence = "nothing was selected: no validation asked for; the last checkpoint is used"
    return Partition(training, validation, sentence)


def _by_label(
    part: Sequence[ManifestRow], manifest: Manifest
) -> tuple[list[str], list[int], list[str]]:
    """Clips, numbers of their classes and groups; a clip of several labels stands there for each."""
    if not manifest.multi_label:
        return (
            [row.clip_id for row in part],
            [row.label for row in part],
            [row.group for row in part],
        )
    number = {name: place for place, name in enumerate(manifest.classes)}
    each = [(row, name) for row in part for name in row.names]
    return (
        [row.clip_id for row, _ in each],
        [number.get(name, len(number)) for _, name in each],
        [row.group for row, _ in each],
    )
