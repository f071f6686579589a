"""What is left of a split after clips that cannot be used."""

from __future__ import annotations

from collections.abc import Sequence

from twostream.datasets.clips import SourceClip
from twostream.datasets.manifest import ManifestRow
from twostream.datasets.names import counted


def left_over_notes(
    clips: Sequence[SourceClip], rows: Sequence[ManifestRow], *, n_splits: int
) -> tuple[str, ...]:
    """A sentence where some of the `clips` became none of the prepared `rows`; empty where all did.

    Splits are made before a video is opened, and so count those that turn out to be unusable. Of a single
    split it is said how many clips are left on either side, and which classes lost all of their test clips.
    """
    lost = {clip.clip_id for clip in clips} - {row.clip_id for row in rows}
    if not lost:
        return ()
    told = f"{len(lost)} of {counted(len(clips), 'clip')} cannot be used"
    if n_splits != 1:
        return (told,)
    sides = [row.splits[0] for row in rows]
    trains = counted(sides.count("train"), "clip")
    told += f": {trains} to train on are left, {sides.count('test')} to test on"
    tested = {name for row in rows if row.splits[0] == "test" for name in row.names}
    gone = {name for clip in clips if clip.clip_id in lost for name in clip.names} - tested
    trained = {name for row in rows if row.splits[0] == "train" for name in row.names}
    if untested := sorted(gone & trained):
        told += f", none of {', '.join(untested)}"
    return (told,)
