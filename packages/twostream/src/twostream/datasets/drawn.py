"""The splits of a data set that has none: 70/30 or folds, drawn by source video."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from twostream.datasets.clips import SourceClip
from twostream.datasets.folds import Folds, fold_of_clips, fold_of_sides, splits_of_folds
from twostream.datasets.listing import TRAIN
from twostream.datasets.names import counted
from twostream.datasets.sides import note_parts, note_sides
from twostream.datasets.splits import single_group_classes, stratified_group_split

Kept = Mapping[str, tuple[str | None, ...]]
CLASSES_SHOWN = 5


@dataclass(frozen=True)
class Drawn:
    """Splits (number -> clip_id -> side), and sentences about them for the user."""

    splits: Mapping[int, Mapping[str, str]]
    notes: tuple[str, ...]


def draw_splits(
    clips: Sequence[SourceClip],
    *,
    seed: int,
    folds: Folds | None = None,
    kept: Kept | None = None,
    of_sources: Kept | None = None,
) -> Drawn:
    """Draw the splits of `clips`; those in `kept` (clip_id -> sides) stay on their sides.

    So do other clips of the videos in `of_sources` (source -> sides), which corrected labels cut.

    Raises TwostreamError for folds that cannot be made of these clips.
    """
    kept = kept or {}
    stayed = sum(clip.clip_id in kept for clip in clips)
    sources = of_sources or {}
    kept = {clip.clip_id: sources[clip.source] for clip in clips if clip.source in sources} | {
        **kept
    }
    notes = []
    splits: dict[int, Mapping[str, str]]
    if folds is None:
        sides = {clip_id: str(found[0]) for clip_id, found in kept.items()}
        splits = {1: stratified_group_split(clips, seed=seed, kept=sides)}
        trains = sum(side == "train" for side in splits[1].values())
        notes.append(
            f"no annotations: split 1 was drawn by source video, 70/30, with seed {seed}: "
            f"{counted(trains, 'clip')} to train on, {len(splits[1]) - trains} to test on"
        )
    else:
        numbers = {name: fold for name, found in kept.items() if (fold := fold_of_sides(found))}
        splits = dict(splits_of_folds(fold_of_clips(clips, folds, seed=seed, kept=numbers)))
        notes.append(_told(folds, splits, seed=seed))
    if stayed and stayed < len(clips):
        new = counted(len(clips) - stayed, "new clip")
        where = "on their sides" if folds is None else "in their folds"
        notes.append(f"{new}; the {stayed} that were prepared before stay {where}")
    if folds is None and (few := _mostly_tested(clips, splits[1])):
        notes.append(
            f"fewer than half of the clips train: {', '.join(few)}; another --seed draws anew"
        )
    notes += note_sides(clips, splits)
    notes += note_parts(clips, splits[min(splits)])
    alone = single_group_classes(clips)
    if alone and folds is None:
        notes.append(f"all clips of one source video, so all train: {', '.join(alone)}")
    elif alone:
        left_out = "subject" if folds and folds.leave_out == "subject" else "source video"
        notes.append(
            f"all clips of one {left_out}, so tested where none of them trains, and never right: "
            + ", ".join(alone)
        )
    return Drawn(splits, tuple(notes))


def _told(folds: Folds, splits: Mapping[int, object], *, seed: int) -> str:
    numbers = f"splits {min(splits)} to {max(splits)}"
    if folds.leave_out is not None:
        return f"no annotations: {numbers} test one {folds.what} each, and train on all others"
    return (
        f"no annotations: {numbers} are folds, drawn by source video with seed {seed}: every clip is "
        "tested in one of them, and trains in all others"
    )


def _mostly_tested(clips: Sequence[SourceClip], sides: Mapping[str, str]) -> list[str]:
    total = Counter(name for clip in clips for name in clip.names)
    train = Counter(name for clip in clips if sides[clip.clip_id] == TRAIN for name in clip.names)
    return [name for name in sorted(total) if 2 * train[name] < total[name]]
