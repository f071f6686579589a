"""From a source of clips to a data set: clips, classes, splits, problems and notes."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from pathlib import Path

from twostream.choices import ValPart
from twostream.datasets.annotations import annotate
from twostream.datasets.class_folders import Scan
from twostream.datasets.clips import Dataset, SourceClip
from twostream.datasets.drawn import Kept, draw_splits
from twostream.datasets.folds import Folds
from twostream.datasets.given import given_splits
from twostream.datasets.groups import join_groups
from twostream.datasets.names import counted, readable
from twostream.datasets.official_names import official_name
from twostream.datasets.selection import ALL, Selection, chosen_classes, limit_clips
from twostream.datasets.sides import note_classes, note_sides
from twostream.datasets.sources import find_clips
from twostream.datasets.spellings import note_alike
from twostream.datasets.subjects import group_by_subject
from twostream.errors import TwostreamError


def load_dataset(
    source: Path,
    *,
    annotations: Path | None,
    seed: int,
    folds: Folds | None = None,
    val_part: ValPart | None = None,
    selection: Selection = ALL,
    kept: Kept | None = None,
    of_sources: Kept | None = None,
    found: Scan | None = None,
) -> Dataset:
    """Find the clips of `source` and put them on the sides of its splits.

    `source` is a folder of class folders, a folder of ``train``, ``val`` and ``test`` folders of
    them, or a table (see `clip_table`). With `annotations`, a folder of official HMDB-51 or UCF-101
    lists, the splits are theirs; with `folds`, a split for each of them, drawn with `seed`, whatever the
    source gives; else those that the source gives; else there is one split, drawn
    with `seed`: about 70 % of the source videos train, clips of one source video together. `kept` are
    sides (clip_id -> sides in the splits) of clips that were drawn earlier, and stay as they are, and
    `of_sources` those (source -> sides) of their videos, for clips that are cut otherwise now. Of all
    that, `selection` is taken, what was kept first. `found` are the clips of `source` where they were
    found already, as those that labels name. `val_part` says what a val part that the source gives is for;
    None: to choose the epoch where a table says so or there is a test part beside it, else to test. Raises
    TwostreamError for a source without classes, for lists that cannot be understood and for folds that
    cannot be made.
    """
    if folds is not None and annotations is not None:
        raise TwostreamError(
            "--annotations",
            expected="official splits, or folds that are drawn",
            found="both",
            remedy="leave --annotations, or --folds and --leave-out, out",
        )
    found = found or find_clips(source)
    clips, n_joined = join_groups(found.clips)
    if n_joined:
        groups = counted(n_joined, "group of clips", "groups of clips")
        note = f"{groups} joined with another: their clips come from the same files or recordings"
        found = replace(found, clips=clips, notes=(*found.notes, note))
    if selection.classes:
        found = _only(found, selection)
    found = replace(found, notes=(*found.notes, *note_alike(c.class_name for c in found.clips)))
    if folds is not None and found.given is not None:
        note = "the folds decide, not the source's split"
        found = replace(found, sides=None, splits=None, notes=(*found.notes, note))
    if annotations is not None or found.given is not None:
        kept = of_sources = None
    if folds is not None and folds.leave_out == "subject":
        by_subject, notes = group_by_subject(found.clips)
        found = replace(found, clips=by_subject, notes=(*found.notes, *notes))
    dataset = _with_splits(
        source,
        found,
        annotations=annotations,
        seed=seed,
        folds=folds,
        val_part=val_part,
        selection=selection,
        kept=kept,
        of_sources=of_sources,
    )
    if selection.limit is None:
        return dataset
    return limit_clips(
        dataset, selection.limit, first=frozenset(kept or ()), in_folds=folds is not None
    )


def _only(found: Scan, selection: Selection) -> Scan:
    present = {name for clip in found.clips for name in clip.names}
    classes = chosen_classes(present, selection.classes)
    note = f"classes chosen: {len(classes)} of {len(present)}"
    return replace(
        found,
        clips=tuple(
            _with_chosen(clip, classes)
            for clip in found.clips
            if not classes.isdisjoint(clip.names)
        ),
        problems=tuple(
            problem
            for problem in found.problems
            if problem.class_name is None or problem.class_name in classes
        ),
        notes=(*found.notes, note),
    )


def _with_chosen(clip: SourceClip, classes: Collection[str]) -> SourceClip:
    """A clip of several labels keeps those that were chosen; its name says what it was cut by."""
    if not clip.labels:
        return clip
    return replace(clip, labels=tuple(name for name in clip.labels if name in classes))


def _with_splits(
    source: Path,
    found: Scan,
    *,
    annotations: Path | None,
    seed: int,
    folds: Folds | None,
    val_part: ValPart | None,
    selection: Selection,
    kept: Kept | None,
    of_sources: Kept | None,
) -> Dataset:
    own_name = source.resolve()
    base = Dataset(
        name=readable(own_name.stem if own_name.is_file() else own_name.name),
        classes=tuple(sorted({clip.class_name for clip in found.clips})),
        clips=found.clips,
        splits={},
        problems=found.problems,
        notes=found.notes,
        kind=found.kind,
    )
    if annotations is not None:
        wanted = base.classes if selection.classes else ()
        annotated = annotate(found.clips, annotations, classes=wanted)
        ignored = [] if found.given is None else ["the annotations decide, not the source's split"]
        return replace(
            base,
            name=official_name(annotated.listing) or base.name,
            classes=annotated.classes,
            splits=annotated.splits,
            listing=annotated.listing,
            problems=found.problems + annotated.problems,
            notes=(*found.notes, *ignored, *annotated.notes),
        )
    if found.given is not None:
        splits = {
            number: {clip.clip_id: sides[clip.clip_id] for clip in found.clips}
            for number, sides in found.given.items()
        }
        given = given_splits(splits, val_part=val_part or found.val_part)
        notes = [*given.notes, *note_sides(found.clips, given.splits)]
        notes += note_classes(found.clips, given.splits)
        return replace(base, splits=given.splits, notes=(*found.notes, *notes))
    drawn = draw_splits(found.clips, seed=seed, folds=folds, kept=kept, of_sources=of_sources)
    return replace(base, splits=drawn.splits, notes=(*found.notes, *drawn.notes))
