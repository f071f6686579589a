"""Which clips come from one source video, told from their names."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from twostream.datasets import hmdb51, ucf101
from twostream.datasets.hmdb51 import HmdbTags
from twostream.datasets.names import without_extension

if TYPE_CHECKING:
    from twostream.datasets.clips import SourceClip


# As cutters of Kinetics call parts of a video: its id, then from and to which second.
_KINETICS = re.compile(r"(?P<video>[\w-]{11})_[0-9]{6}_[0-9]{6}")


def group_and_tags(clip_id: str, *, class_name: str, stem: str) -> tuple[str, HmdbTags | None]:
    """The group of a clip, unique over all classes, and its HMDB-51 tags where its name has them.

    HMDB-51 names: the title within the class. UCF-101 names: the class and ``gNN``. Those of Kinetics
    (``ID_000010_000020``): the class and the id of the video. Any other name: the clip alone, so that its
    group is its `clip_id`. `stem` is the name of the file without its extension. What has several groups by
    this rule and is one recording, `join_groups` joins.

    >>> group_and_tags("golf/v_golf_g03_c01", class_name="golf", stem="v_golf_g03_c01")
    ('golf/g03', None)
    >>> group_and_tags("golf/1", class_name="golf", stem="dQw4w9WgXcQ_000010_000020")
    ('golf/dQw4w9WgXcQ', None)
    >>> group_and_tags("golf/a", class_name="golf", stem="a")
    ('golf/a', None)
    """
    tags = hmdb51.parse_name(stem, class_name=class_name)
    if tags is not None:
        return f"{class_name}/{tags.title}", tags
    parsed = ucf101.parse_group(stem)
    if found := _KINETICS.fullmatch(stem):
        return f"{class_name}/{found['video']}", None
    if parsed is None:
        return clip_id, None
    named_class, group = parsed
    # A folder may gather several UCF-101 classes, whose group numbers are not related.
    if named_class.casefold() == class_name.casefold():
        return f"{class_name}/{group}", None
    return f"{class_name}/v_{named_class}_{group}", None


def join_groups(clips: Sequence[SourceClip]) -> tuple[tuple[SourceClip, ...], int]:
    """The clips with one group for all that are of one file, and by how many fewer groups that are.

    Files are told by what they are, not by the spelling of their paths: links and other spellings lead
    to the same. Names of UCF-101 and Kinetics that tell of one recording are one group under any label.
    The group that remains is the first of the joined ones in alphabetical order.
    """
    leader: dict[str, str] = {}

    def first(group: str) -> str:
        while leader.setdefault(group, group) != group:
            group = leader[group]
        return group

    for same in _same_recording(clips):
        low, *others = sorted({first(group) for group in same})
        leader |= dict.fromkeys(others, low)
    joined = tuple(
        clip if first(clip.group) == clip.group else replace(clip, group=first(clip.group))
        for clip in clips
    )
    return joined, len({c.group for c in clips}) - len({c.group for c in joined})


def _recording(stem: str) -> tuple[str, str] | None:
    """The recording that a name tells of: a class and group of UCF-101, or a video of Kinetics."""
    if found := _KINETICS.fullmatch(stem):
        return "", found["video"]
    parsed = ucf101.parse_group(stem)
    return None if parsed is None else (parsed[0].casefold(), parsed[1])


def _same_recording(clips: Sequence[SourceClip]) -> Iterable[set[str]]:
    """Sets of groups that are one: their clips are of one file, or their names tell of one recording."""
    files: dict[tuple[int, int, str], set[str]] = {}
    named: dict[tuple[str, str], set[str]] = {}
    for clip in clips:
        stem = without_extension(clip.file_name)
        parsed = _recording(stem)
        told, _ = group_and_tags(clip.clip_id, class_name=clip.class_name, stem=stem)
        # A group that a table gives stands above what a name tells.
        if parsed is not None and clip.group == told:
            named.setdefault(parsed, set()).add(clip.group)
        try:
            status = clip.path.stat()
        except OSError:
            continue  # it is read, and told of, later
        inside = clip.frames_in.inside if clip.frames_in else ""
        files.setdefault((status.st_dev, status.st_ino, inside), set()).add(clip.group)
    return (groups for groups in (*files.values(), *named.values()) if len(groups) > 1)
