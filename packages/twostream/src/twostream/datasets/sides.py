"""What is worth knowing of a split: empty sides, source videos on several, classes on one alone."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from twostream.datasets.clips import SourceClip
from twostream.datasets.listing import TEST, TRAIN, VAL
from twostream.datasets.names import counted, without_extension

SHOWN = 10
# What cutters and augmenters put behind a name.
PART_OR_COPY = re.compile(
    r"(?P<whole>.+?)[ _.-]+(?:(?:part|pt|seg|segment|chunk|piece)[ _.-]?[0-9]+"
    r"|(?:aug|augmented|flip|flipped|hflip|mirror|mirrored|rot|rotated)[ _.-]?[0-9]*)",
    re.IGNORECASE,
)


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


def note_classes(clips: Sequence[SourceClip], splits: Mapping[int, Mapping[str, str]]) -> list[str]:
    """Sentences on classes that a split tests and does not train, or the reverse; clip_id -> side."""
    notes = []
    for number, sides in splits.items():
        classes = {
            side: {name for clip in clips if sides[clip.clip_id] == side for name in clip.names}
            for side in (TRAIN, TEST)
        }
        if not all(classes.values()):
            continue
        for some, told in (
            (classes[TEST] - classes[TRAIN], "without any clip to train on, so never right"),
            (classes[TRAIN] - classes[TEST], "without any clip to test on"),
        ):
            if some:
                shown = ", ".join(sorted(some)[:SHOWN]) + (", …" if len(some) > SHOWN else "")
                notes.append(
                    f"split {number}: {counted(len(some), 'class', 'classes')} {told}: {shown}"
                )
    return notes


def note_parts(clips: Sequence[SourceClip], sides: Mapping[str, str]) -> list[str]:
    """A sentence on clips whose names tell that they are parts or copies of one recording, on both sides.

    Names are no proof, so that these clips are no group.
    """
    alike: dict[tuple[str, str], list[SourceClip]] = {}
    told: set[tuple[str, str]] = set()
    for clip in clips:
        stem = without_extension(clip.file_name)
        found = PART_OR_COPY.fullmatch(stem)
        recording = clip.class_name, (found["whole"] if found else stem).casefold()
        alike.setdefault(recording, []).append(clip)
        told |= {recording} if found else set()
    parted = [
        same
        for recording, same in alike.items()
        if recording in told
        and len({clip.group for clip in same}) > 1
        and {TRAIN, TEST} <= {sides[clip.clip_id] for clip in same}
    ]
    if not parted:
        return []
    first, second = (clip.source for clip in parted[0][:2])
    return [
        f"{counted(len(parted), 'recording')} by the names of clips, of which some train and others test, "
        f"such as {first} and {second}: a column `group` in a table keeps them together"
    ]
