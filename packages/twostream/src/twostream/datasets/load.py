"""From a folder of clips to a data set: clips, classes, splits, problems and notes."""

from __future__ import annotations

from pathlib import Path

from twostream.datasets.annotations import annotate
from twostream.datasets.class_folders import scan
from twostream.datasets.clips import Dataset
from twostream.datasets.names import readable
from twostream.datasets.splits import single_group_classes, stratified_group_split


def load_dataset(source: Path, *, annotations: Path | None, seed: int) -> Dataset:
    """Find the clips of `source` and put them on the sides of its splits.

    With `annotations`, a folder of official HMDB-51 or UCF-101 lists, the splits are theirs.
    Without, there is one split, drawn with `seed`: 70 % train by clips in each class, clips of one
    source video together. Raises TwostreamError for a folder that holds no classes and for lists
    that cannot be understood.
    """
    found = scan(source)
    if annotations is not None:
        annotated = annotate(found.clips, annotations)
        return Dataset(
            name=annotated.name,
            classes=annotated.classes,
            clips=found.clips,
            splits=annotated.splits,
            problems=found.problems + annotated.problems,
            notes=found.notes + annotated.notes,
        )
    sides = stratified_group_split(found.clips, seed=seed)
    notes = [f"no annotations: split 1 was drawn by source video, 70/30, with seed {seed}"]
    alone = single_group_classes(found.clips)
    if alone:
        notes.append(f"all clips of one source video, so all train: {', '.join(alone)}")
    return Dataset(
        name=readable(source.resolve().name),
        classes=tuple(sorted({clip.class_name for clip in found.clips})),
        clips=found.clips,
        splits={1: sides},
        problems=found.problems,
        notes=found.notes + tuple(notes),
    )
