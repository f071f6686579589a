"""CVAT's XML 1.1, for video (tracks) and for images (tags and shapes, as far as its frames are a video's).

Frames are those of the video from 0, every `step`-th of them; no rate is anywhere. A track is there from a
shape that is not outside to the first one that is, or to the last frame of the task and its step. In the
export of a project the frames of each task of a subset go on where those of the one before ended.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from xml.etree.ElementTree import Element

from twostream.datasets.names import counted
from twostream.errors import TwostreamError
from twostream.labelling.collected import Collected
from twostream.labelling.opened import LabelFile
from twostream.labelling.options import check_named
from twostream.labelling.values import number

VERSION = "1.1"
NO_RATE = "is counted in frames of a video whose rate is not known"
NO_FRAME = "has no frame number"
NEVER_THERE = "is a track that is outside in all of its frames"
NO_VIDEO_FRAMES = "pictures that are no frames of a video"
PAST_END = "begins at a frame after the video's last"
NO_ATTRIBUTE = "has no value of the attribute that is the label"


@dataclass(frozen=True)
class _Task:
    """What one task says of its frames: numbers of the video from `first` to `last`, every `step`-th.

    In the file they are written with `before` added: the frames of the project's tasks before it.
    """

    source: str
    first: int
    last: int | None
    step: int
    is_video: bool
    before: int = 0


def recognises(file: LabelFile) -> bool:
    """Whether it is CVAT's XML."""
    return re.search(r"<annotations>\s*<version>", file.head) is not None


def read(file: LabelFile, into: Collected) -> None:
    """Add the stretches of every track; or the runs of frames that have one tag."""
    root = file.root
    assert root is not None
    version = (root.findtext("version") or "").strip()
    if version != VERSION:
        raise TwostreamError(
            file.path,
            expected=f"CVAT's XML of version {VERSION}",
            found=f"version {version or 'none'}",
            remedy=f"export it as `CVAT for video {VERSION}`",
        )
    tasks = _tasks(root, into.default_video)
    for task in tasks.values():
        into.saw(task.source)
    names = sorted({name for one in root.iter("attribute") if (name := one.get("name"))})
    if names:
        check_named("--attribute", into.options.attribute, names)
        check_named("--subject-from", into.options.subject_from, names)
    images = root.findall("image")
    for task_id, found in _by_task(root.findall("track"), tasks):
        _read_tracks(found, tasks[task_id], into)
    for task_id, found in _by_task(images, tasks):
        _read_images(found, tasks[task_id], into)


def step_of(frame_filter: str | None) -> int:
    """Every how many frames a task has one.

    >>> step_of("step=5"), step_of(" step = 5 "), step_of(""), step_of(None)
    (5, 5, 1, 1)
    """
    match = re.search(r"step\s*=\s*(\d+)", frame_filter or "")
    return max(1, int(match[1])) if match else 1


def source_of(root: Element, task: Element) -> str:
    """The video of a task; earlier versions name it beside the task, and a job names none."""
    named = task.findtext("source") or root.findtext("meta/source") or ""
    return named.strip()


def _tasks(root: Element, default_video: str) -> dict[str, _Task]:
    """Task by its number; one without a number where the file says nothing."""
    meta = root.find("meta")
    found = [] if meta is None else [*meta.iter("task"), *meta.iter("job")]
    of_project = meta is not None and meta.find("project") is not None
    tasks = {}
    before, subset = 0, None
    for one in found:
        first = int(number(one.findtext("start_frame")) or 0)
        step = step_of(one.findtext("frame_filter"))
        size, stop = number(one.findtext("size")), number(one.findtext("stop_frame"))
        last = None
        if stop is not None:
            last = first + (int(stop) - first) // step * step
        elif size:
            last = first + (int(size) - 1) * step
        source = source_of(root, one) or default_video
        if of_project and one.findtext("subset") != subset:
            before, subset = 0, one.findtext("subset")
        mode = (one.findtext("mode") or "").strip()
        tasks[(one.findtext("id") or "").strip()] = _Task(
            source, first, last, step, mode != "annotation", before
        )
        if of_project:
            before += first + step * int(size or 0)
    return tasks or {"": _Task(default_video, 0, None, 1, True)}


def _by_task(
    elements: Iterable[Element], tasks: Mapping[str, _Task]
) -> Iterator[tuple[str, list[Element]]]:
    only = next(iter(tasks))
    found: dict[str, list[Element]] = {}
    for one in elements:
        named = one.get("task_id", only)
        found.setdefault(named if named in tasks else only, []).append(one)
    yield from found.items()


def _rate(task: _Task, into: Collected) -> tuple[float | None, int | None]:
    facts = into.facts_of(task.source)
    fps = into.options.label_rate or (facts.fps if facts else None)
    return fps, facts.frames if facts else None


def _read_tracks(tracks: Sequence[Element], task: _Task, into: Collected) -> None:
    fps, frames = _rate(task, into)
    for track in tracks:
        label = track.get("label", "")
        if fps is None:
            into.tell(NO_RATE, video=task.source, label=label)
            continue
        for value, subject, first, end in _runs(track, task, into):
            _add(into, task, value, subject, first, end, fps, frames)


def _add(
    into: Collected,
    task: _Task,
    label: str,
    subject: str,
    first: int,
    end: int,
    fps: float,
    frames: int | None,
) -> None:
    if frames is not None and first >= frames:
        into.tell(PAST_END, f"frame {first} of {frames}", video=task.source, label=label)
        return
    # The last annotated frame stands for its step, of which the video may have only a part.
    cut = end if frames is None else min(end, frames)
    if end - cut >= task.step > 0:
        into.tell(
            "ends at a frame after the video's last and was cut there",
            f"frame {end} of {frames}",
            video=task.source,
            label=label,
            lost=False,
        )
    into.frames(task.source, label, first, cut, fps, subject=subject)


def _runs(track: Element, task: _Task, into: Collected) -> Iterator[tuple[str, str, int, int]]:
    """(label, subject, first frame, first frame after) of every stretch in which a track is visible."""
    shapes: list[tuple[int, Element]] = []
    for shape in (one for one in track if one.tag != "attribute"):
        frame = number(shape.get("frame"))
        if frame is None:
            into.tell(NO_FRAME, f"a {shape.tag}", video=task.source, label=track.get("label", ""))
        else:
            shapes.append((int(frame) - task.before, shape))
    shapes.sort(key=lambda item: item[0])
    if all(_is_outside(shape) for _, shape in shapes):
        into.tell(NEVER_THERE, video=task.source, label=track.get("label", ""))
    begun: tuple[str, str, int] | None = None
    for frame, shape in shapes:
        value = None if _is_outside(shape) else _named(track, shape, into, task)
        if begun is not None and value != begun[:2]:
            yield (*begun, frame)
            begun = None
        if begun is None and value is not None:
            begun = (*value, frame)
    if begun is not None:
        last = max(shapes[-1][0], task.last if task.last is not None else 0)
        yield (*begun, last + task.step)


def _is_outside(shape: Element) -> bool:
    """Whether it is not to be seen; a skeleton does not say so itself, but all of its points do."""
    points = [one for one in shape if one.get("outside") is not None]
    if shape.get("outside") is None and points:
        return all(one.get("outside") == "1" for one in points)
    return shape.get("outside") == "1"


def _named(track: Element, shape: Element, into: Collected, task: _Task) -> tuple[str, str] | None:
    """The label and the subject of a shape; None where it has none."""
    label: str | None = track.get("label", "")
    values = {
        one.get("name", ""): (one.text or "").strip()
        for owner in (track, shape)
        for one in owner.findall("attribute")
    }
    if into.options.attribute is not None:
        label = values.get(into.options.attribute)
        if not label:
            into.tell(NO_ATTRIBUTE, f"frame {shape.get('frame', '?')}", video=task.source)
            return None
    subject = values.get(into.options.subject_from or "", "")
    if into.options.subject is not None and into.options.subject_from is None:
        # Whoever asks for sequences means the tracks, which are of one object each.
        subject = f"track {track.get('id', '?')}" if track.tag == "track" else ""
    return label or "", subject


def _read_images(images: Sequence[Element], task: _Task, into: Collected) -> None:
    named = [re.fullmatch(r"(?:.*/)?frame_(\d+)(?:\.\w+)?", one.get("name", "")) for one in images]
    if not task.is_video or not all(named):
        count = sum(len(one) for one in images)
        into.tell(
            NO_VIDEO_FRAMES,
            f"{len(images)} pictures with {counted(count, 'label')}",
            video=task.source,
        )
        return
    fps, frames = _rate(task, into)
    if fps is None:
        into.tell(NO_RATE, f"{counted(len(images), 'frame')}", video=task.source)
        return
    runs: dict[tuple[str, str], list[int]] = {}
    for match, image in zip(named, images, strict=True):
        assert match is not None
        for one in image:
            value = _named(one, one, into, task)
            if value is not None:
                runs.setdefault(value, []).append(int(match[1]) - task.before)
    for (label, subject), numbers in runs.items():
        for first, end in _together(sorted(set(numbers)), task.step):
            _add(into, task, label, subject, first, end, fps, frames)


def _together(numbers: Sequence[int], step: int) -> Iterator[tuple[int, int]]:
    """(first, first after) of frames that follow each other.

    >>> list(_together([2, 3, 4, 8], 1))
    [(2, 5), (8, 9)]
    """
    first = last = numbers[0]
    for number_ in numbers[1:]:
        if number_ > last + step:
            yield first, last + step
            first = number_
        last = number_
    yield first, last + step
