"""The tables of the exploration as CSV."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from twostream.atomic import write_csv
from twostream.datasets.manifest import Manifest
from twostream.exploration import balance, counts
from twostream.exploration.leakage import Duplicate, SharedSource
from twostream.exploration.looks import Look


def write_all(
    folder: Path,
    manifest: Manifest,
    looks: Mapping[str, Look],
    duplicates: Sequence[Duplicate],
    shared: Sequence[SharedSource],
) -> None:
    """Write classes, clips, splits, tags, tag_balance, sources, duplicates and shared_sources ``.csv``."""
    write_csv(
        folder / "classes.csv",
        ["class", "clips", "source_videos", "frames", "median_seconds", "mean_seconds"],
        (
            [c.name, c.clips, c.groups, c.frames, c.median_seconds, c.mean_seconds]
            for c in counts.class_counts(manifest)
        ),
    )
    sides = [f"split_{number}" for number in manifest.split_numbers]
    write_csv(
        folder / "clips.csv",
        [
            *("clip_id", "class", "group", "frames", "fps", "width", "height", "duration_seconds"),
            *("motion_px", "moving_share"),
            *sides,
        ],
        (
            [
                *(row.clip_id, row.class_name, row.group, row.frames, row.fps),
                *(row.width, row.height, row.duration_seconds),
                *(
                    (look.motion_px, look.moving_share)
                    if (look := looks.get(row.clip_id))
                    else (None, None)
                ),
                *(row.splits[number - 1] for number in manifest.split_numbers),
            ]
            for row in manifest.rows
        ),
    )
    write_csv(
        folder / "splits.csv",
        ["split", "class", "train", "val", "test", "unused", "train_share"],
        (
            [c.split, c.name, c.train, c.val, c.test, c.unused, c.train_share]
            for c in counts.split_counts(manifest)
        ),
    )
    write_csv(
        folder / "tags.csv",
        ["tag", "value", "class", "clips"],
        ([c.tag, c.value, c.name or "all", c.clips] for c in counts.tag_counts(manifest)),
    )
    write_csv(
        folder / "tag_balance.csv",
        ["split", "tag", "value", "train", "test", "train_share", "test_share", "test_minus_train"],
        (
            [*(b.split, b.tag, b.value, b.train, b.test), b.train_share, b.test_share, b.difference]
            for b in balance.tag_balances(manifest)
        ),
    )
    write_csv(
        folder / "sources.csv",
        ["class", "title", "clips"],
        ([c.name, c.title, c.clips] for c in counts.source_counts(manifest)),
    )
    write_csv(
        folder / "duplicates.csv",
        ["first", "second", "bits", "same_video", "same_group", "leaks_in_splits"],
        (
            [
                *(d.first.clip_id, d.second.clip_id, d.bits),
                *("yes" if value else "no" for value in (d.same_video, d.same_group)),
                " ".join(map(str, d.leaks)),
            ]
            for d in duplicates
        ),
    )
    write_csv(
        folder / "shared_sources.csv",
        ["split", "group", "train", "test"],
        ([s.split, s.group, s.train, s.test] for s in shared),
    )
