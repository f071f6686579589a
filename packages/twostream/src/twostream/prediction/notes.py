"""What is to be known of a source after it was read."""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import pairwise

from twostream.datasets.names import counted
from twostream.prediction.windows import Windows
from twostream.sources.camera import CameraClip
from twostream.sources.images import resized_note
from twostream.sources.video import VideoClip
from twostream.store.source import ClipSource


def notes_of_reading(clip: ClipSource) -> tuple[str, ...]:
    """Frames that were resized, since the source changed its size, and frames that were left out."""
    if not isinstance(clip, VideoClip | CameraClip):
        return ()
    name, notes = clip.facts.name, []
    resized = resized_note(clip.resized_frames, width=clip.facts.width, height=clip.facts.height)
    if resized:
        notes.append(f"{name}: {resized}")
    if isinstance(clip, CameraClip) and clip.dropped_frames:
        notes.append(
            f"{name}: {counted(clip.dropped_frames, 'frame')} came faster than they were looked at and "
            "were left out; fewer windows a second (--rate) or a faster flow keep up"
        )
    return tuple(notes)


def short_shots(name: str, cuts: Sequence[int], length: int) -> str:
    """What to tell of shots between `cuts` that have no window, since a stack of flows is longer.

    >>> short_shots("a", [10, 15, 40], length=10)
    'a: 2 shots are shorter than a stack of 10 flows and have no window'
    >>> short_shots("a", [20], length=10)
    ''
    """
    short = sum(end - begin <= length for begin, end in pairwise([0, *cuts]))
    if not short:
        return ""
    verb = "is" if short == 1 else "are"
    have = "has" if short == 1 else "have"
    return (
        f"{name}: {counted(short, 'shot')} {verb} shorter than a stack of {length} flows and {have} no "
        "window"
    )


def unseen_end(clip: ClipSource, where: Windows, reached_s: float) -> str:
    """What to tell of the end of a video that was read, where its last window leaves more than a step.

    Windows are so many frames apart. Where frames come at one rate, what is left is shorter than a step;
    where they come more slowly at the end, they take longer. Empty where nothing is to be told.
    """
    if not isinstance(clip, VideoClip) or where.cuts or not math.isinf(where.end_s):
        return ""
    end_s = clip.seconds(clip.count_frames() - 1)
    if end_s is None or end_s - reached_s <= 1 / where.rate + 1 / where.fps:
        return ""
    return (
        f"{clip.facts.name}: no window looks at the last {end_s - reached_s:.1f} of {end_s:.1f} s, in "
        "which frames come more slowly than before; more windows a second (--rate) leave out less"
    )
