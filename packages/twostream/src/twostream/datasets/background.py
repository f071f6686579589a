"""A class of what is unlabelled: clips cut from labelled videos where no label is."""

from __future__ import annotations

import hashlib
import statistics
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from pathlib import Path

from twostream.datasets.class_folders import Scan
from twostream.datasets.clips import Segment, SourceClip
from twostream.datasets.folder_names import folder_name
from twostream.datasets.listing import UNUSED
from twostream.datasets.names import clip_stem, counted
from twostream.errors import TwostreamError

BACKGROUND = "background"
ALL, LARGEST = "all", "largest"
# Shorter ones hold too few frames for a stack of flow at usual rates.
SHORTEST_SECONDS = 0.5
USUAL_FPS = 25.0
MUCH_UNLABELLED = 0.2

Part = tuple[float, float]


@dataclass(frozen=True)
class LabelledVideo:
    """A video that was looked at: its length, frames a second, and the parts that are no background."""

    path: Path
    source: str
    length_s: float | None
    fps: float | None = None
    not_background: tuple[Part, ...] = ()


def with_background(
    scan: Scan, videos: Sequence[LabelledVideo], *, asked: str, named: Path
) -> Scan:
    """`scan` with a class of clips from what no clip of it is cut from, as many as are `asked` for.

    They are about as long as the middle one of the labelled clips, spread evenly over the videos, in
    an order that depends on their places alone. Each is on the side of the other clips of its video.
    Raises TwostreamError where no clip is a part of a video, or nothing is unlabelled.
    """
    lengths = [
        clip.segment.end_seconds - clip.segment.start_seconds
        for clip in scan.clips
        if clip.segment is not None and clip.segment.end_seconds is not None
    ]
    if not lengths:
        raise TwostreamError(
            "--background",
            expected="clips that are parts of longer videos, by labels or start and end in a table",
            found=f"whole files in {named}",
            remedy="leave it out",
        )
    clip_s = max(statistics.median(lengths), SHORTEST_SECONDS)
    own = {label for clip in scan.clips for label in clip.names if label.casefold() == BACKGROUND}
    multi_label = any(clip.labels is not None for clip in scan.clips)
    name = min(own, default=BACKGROUND)
    of_video: dict[Path, list[SourceClip]] = {}
    for clip in scan.clips:
        of_video.setdefault(clip.path, []).append(clip)
    parts = [
        (video, part)
        for video in videos
        for part in _cut(_unlabelled(video, of_video.get(video.path, ())), clip_s)
    ]
    parts = _evenly(parts)
    sizes = Counter(label for clip in scan.clips for label in clip.names)
    if asked == ALL:
        wanted = len(parts)
    else:
        wanted = max(sizes.values()) if asked == LARGEST else int(asked)
        wanted = max(0, wanted - sizes[name])
    chosen = parts[:wanted]
    if not chosen and not own:
        raise TwostreamError(
            "--background",
            expected="videos of which some part is unlabelled",
            found="none"
            if not any(video.length_s is None for video in videos)
            else "no known length",
            remedy="leave it out, or label less",
        )
    clips, sides = _clips(name, chosen, scan)
    if multi_label:
        clips = [replace(clip, labels=()) for clip in clips]
    marked = tuple(_marked(clip, name) if clip.class_name == name else clip for clip in scan.clips)
    unlabelled_s = sum(end - start for _, (start, end) in parts)
    taken_s = sum(end - start for _, (start, end) in chosen)
    frames = sum((end - start) * (video.fps or USUAL_FPS) for video, (start, end) in chosen)
    of = counted(len({video.path for video, _ in chosen}), "video")
    notes = [
        f"{name}: {counted(len(chosen), 'clip')} of about {clip_s:.3g} s from {of}, {taken_s / 60:.3g} "
        f"of {unlabelled_s / 60:.3g} unlabelled minutes, about {frames:,.0f} frames"
        + ("" if asked == ALL else f"; --background {ALL} takes everything")
    ]
    unknown = sum(video.length_s is None for video in videos)
    if unknown:
        notes.append(f"{name}: none from {counted(unknown, 'video')} whose length no header says")
    if len(chosen) < wanted:
        notes.append(
            f"{name}: {wanted} clips were asked for, and there is no more that is unlabelled"
        )
    return replace(
        scan,
        clips=tuple(
            sorted(
                (*marked, *clips),
                key=lambda clip: (
                    clip.class_name,
                    clip.source,
                    clip.segment.start_seconds if clip.segment else 0.0,
                ),
            )
        ),
        sides=sides,
        notes=(*scan.notes, *notes),
    )


def note_on_unlabelled(scan: Scan, videos: Sequence[LabelledVideo]) -> str | None:
    """A sentence where much of the videos is unlabelled and no class is made of it; None where not."""
    of_video: dict[Path, list[SourceClip]] = {}
    for clip in scan.clips:
        of_video.setdefault(clip.path, []).append(clip)
    known = [video for video in videos if video.length_s is not None]
    total_s = sum(video.length_s or 0.0 for video in known)
    free_s = sum(
        end - start
        for video in known
        for start, end in _unlabelled(video, of_video.get(video.path, ()))
    )
    if free_s < MUCH_UNLABELLED * total_s or not free_s:
        return None
    return (
        f"{free_s / 60:.3g} of {total_s / 60:.3g} minutes are unlabelled, and no class is made of that: "
        f"with --background {LARGEST} or {ALL} networks learn when nothing happens, which timelines need"
    )


def _marked(clip: SourceClip, name: str) -> SourceClip:
    """A clip that its labels call background; where several may hold, it has none."""
    labels = None if clip.labels is None else tuple(one for one in clip.labels if one != name)
    return replace(clip, background=True, labels=labels)


def _unlabelled(video: LabelledVideo, clips: Iterable[SourceClip]) -> list[Part]:
    """The parts of a video in which nothing is."""
    if video.length_s is None:
        return []
    taken = list(video.not_background)
    for clip in clips:
        segment = clip.segment or Segment()
        end = video.length_s if segment.end_seconds is None else segment.end_seconds
        taken.append((segment.start_seconds, end))
    free = []
    at = 0.0
    for start, end in sorted(taken):
        if start > at:
            free.append((at, min(start, video.length_s)))
        at = max(at, end)
    if at < video.length_s:
        free.append((at, video.length_s))
    return free


def _cut(free: Iterable[Part], clip_s: float) -> list[Part]:
    """Parts of even length, as near to `clip_s` as that allows.

    >>> _cut([(0.0, 5.2), (9.0, 9.2)], 2.0)
    [(0.0, 1.733333), (1.733333, 3.466667), (3.466667, 5.2)]
    """
    parts = []
    for start, end in free:
        length = end - start
        if length < SHORTEST_SECONDS:
            continue
        number = max(1, round(length / clip_s))
        edges = [round(start + length * n / number, 6) for n in range(number + 1)]
        parts += list(pairwise(edges))
    return parts


def _evenly(parts: Sequence[tuple[LabelledVideo, Part]]) -> list[tuple[LabelledVideo, Part]]:
    """The parts in an order of which any beginning is spread over all videos, and over each of them."""
    of_video: dict[Path, list[tuple[LabelledVideo, Part]]] = {}
    for item in parts:
        of_video.setdefault(item[0].path, []).append(item)
    ranked = []
    for of_one in of_video.values():
        of_one.sort(key=lambda item: _place(item[0].source, item[1]))
        for rank, item in enumerate(of_one):
            ranked.append(((rank + 0.5) / len(of_one), _place(item[0].source, item[1]), item))
    ranked.sort(key=lambda item: item[:2])
    return [item for _, _, item in ranked]


def _place(source: str, part: Part) -> bytes:
    key = f"background/{source}/{part[0]:.3f}".encode("utf-8", "surrogateescape")
    return hashlib.sha256(key).digest()


def _clips(
    name: str, chosen: Iterable[tuple[LabelledVideo, Part]], scan: Scan
) -> tuple[list[SourceClip], Mapping[str, str] | None]:
    beside: dict[Path, SourceClip] = {}
    crops: dict[Path, set[object]] = {}
    for clip in scan.clips:
        beside.setdefault(clip.path, clip)
        crops.setdefault(clip.path, set()).add(clip.crop)
    taken = {clip.clip_id.partition("/")[2] for clip in scan.clips if clip.class_name == name}
    sides = None if scan.sides is None else dict(scan.sides)
    clips = []
    for video, (start, end) in chosen:
        segment = Segment(start, end)
        ending = video.path.suffix or ".video"
        stem = clip_stem(
            (f"{video.path.name.removesuffix(ending)}__{segment.name}{ending}",), taken
        )
        taken.add(stem)
        like = beside.get(video.path)
        clip = SourceClip(
            f"{folder_name(name)}/{stem}",
            name,
            video.path,
            video.source,
            like.group if like else video.source,
            None,
            segment=segment,
            background=True,
            crop=like.crop if like and len(crops[video.path]) == 1 else None,
        )
        clips.append(clip)
        if sides is not None:
            sides[clip.clip_id] = sides.get(like.clip_id, UNUSED) if like else UNUSED
    return clips, sides
