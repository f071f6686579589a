"""What is worth knowing of a split: empty sides, and source videos on more than one side."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from twostream.datasets.clips import SourceClip
from twostream.datasets.listing import TEST, TRAIN, VAL
from twostream.datasets.names import counted


def note_sides(clips: Sequence[SourceClip], splits: Mapping[int, Mapping[str, str]]) -> list[str]:
    """Sentences on the sides of each split, clip_id -> side."""
    notes = []
    for number, sides in splits.items():
        used = set(sides.values())
        notes += [
            f"split {number} has no {side} clip" for side in (TRAIN, TEST) if side not in used
        ]
        groups = {
            side: {clip.group for clip in clips if sides[clip.clip_id] == side}
            for side in (TRAIN, VAL, TEST)
        }
        shared = groups[TRAIN] & groups[TEST]
        if shared:
            videos = counted(len(shared), "source video")
            notes.append(f"split {number}: {videos} with clips on both sides")
        shared = groups[VAL] & (groups[TRAIN] | groups[TEST])
        if shared:
            videos = counted(len(shared), "source video")
            notes.append(f"split {number}: {videos} with clips in val and in another part")
    return notes
