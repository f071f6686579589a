"""Tracks for `CVAT for video 1.1`: a box over the whole picture, outside at the first frame after.

Tracks that are there stay as they are; those of the same frames and label are not written twice.
"""

from __future__ import annotations

from collections.abc import Sequence
from xml.etree import ElementTree
from xml.etree.ElementTree import Element, SubElement

from twostream.datasets.names import counted
from twostream.errors import TwostreamError
from twostream.labelling.cvat import VERSION, source_of, step_of
from twostream.labelling.opened import LabelFile
from twostream.labelling.values import number
from twostream.labelling.writers.written import (
    Text,
    WrittenSegment,
    WrittenVideo,
    in_order,
    labels_of,
)


def cvat(
    segments: Sequence[WrittenSegment], video: WrittenVideo, existing: LabelFile | None
) -> Text:
    """The annotations of `existing` with ours added, at the frames that its task has."""
    root = _new(video) if existing is None else existing.root
    tasks = [] if root is None else [one for tag in ("task", "job") for one in root.iter(tag)]
    if root is None or len(tasks) != 1 or root.tag != "annotations":
        raise TwostreamError(
            "CVAT",
            expected="annotations of a task, exported as `CVAT for video 1.1`",
            found="a project of several tasks" if len(tasks) > 1 else "another file",
            remedy="choose another file",
        )
    (task,) = tasks
    about = source_of(root, task)
    if about and about.rpartition("/")[2].casefold() != video.name.casefold():
        raise TwostreamError(
            "CVAT",
            expected=f"annotations of {video.name}",
            found=f"those of {about}",
            remedy="choose another file",
        )
    _add_labels(task, labels_of(segments, video))
    first = int(number(task.findtext("start_frame")) or 0)
    step = step_of(task.findtext("frame_filter"))
    stop = number(task.findtext("stop_frame"))
    last = int(stop) if stop is not None else None
    size = task.find("original_size")
    width = (size.findtext("width") if size is not None else None) or str(video.width or 1)
    height = (size.findtext("height") if size is not None else None) or str(video.height or 1)
    tracks = root.findall("track")
    there = {_frames_of(one) for one in tracks}
    following = max((int(one.get("id", "0") or 0) for one in tracks), default=-1) + 1
    written = outside = 0
    for one in in_order(segments):
        start, end = video.span(one, step=step, first=first)
        if last is not None and start > last:
            outside += 1
            continue
        has_end = last is None or end <= last
        if (one.label, start, end if has_end else None) in there:
            continue
        track = SubElement(root, "track", id=str(following), label=one.label, source="auto")
        _box(track, start, "0", width, height)
        if has_end:
            _box(track, end, "1", width, height)
        following += 1
        written += 1
    notes = [f"frames of {video.fps:g} a second" + (f", every {step}th" if step > 1 else "")]
    if tracks:
        notes.append(f"{counted(len(tracks), 'track')} kept, {written} added")
    if outside:
        notes.append(
            f"left out, for they are after the task's last frame: {counted(outside, 'interval')}"
        )
    if any(one.subject for one in segments):
        notes.append("subjects have no place in CVAT's tracks")
    ElementTree.indent(root)
    text = ElementTree.tostring(root, encoding="unicode")
    return Text(f'<?xml version="1.0" encoding="utf-8"?>\n{text}\n', tuple(notes))


def _new(video: WrittenVideo) -> Element:
    root = Element("annotations")
    SubElement(root, "version").text = VERSION
    task = SubElement(SubElement(root, "meta"), "task")
    frames = video.frames or round((video.length_s or 0.0) * video.fps)
    for name, value in (
        ("size", str(frames)),
        ("mode", "interpolation"),
        ("start_frame", "0"),
        ("stop_frame", str(max(frames - 1, 0))),
        ("frame_filter", ""),
        ("labels", None),
    ):
        SubElement(task, name).text = value
    size = SubElement(task, "original_size")
    SubElement(size, "width").text = str(video.width)
    SubElement(size, "height").text = str(video.height)
    SubElement(task, "source").text = video.name
    if not frames:
        stop = task.find("stop_frame")
        if stop is not None:
            task.remove(stop)
    return root


def _add_labels(task: Element, names: Sequence[str]) -> None:
    labels = task.find("labels")
    if labels is None:
        labels = SubElement(task, "labels")
    known = {one.findtext("name") for one in labels}
    for name in names:
        if name not in known:
            label = SubElement(labels, "label")
            SubElement(label, "name").text = name
            SubElement(label, "attributes")


def _frames_of(track: Element) -> tuple[str, int, int | None]:
    """Label, first frame and first frame outside of a track of one stretch."""
    shapes = sorted((int(number(one.get("frame")) or 0), one.get("outside")) for one in track)
    inside = [frame for frame, outside in shapes if outside != "1"]
    ends = [frame for frame, outside in shapes if outside == "1"]
    return track.get("label", ""), min(inside, default=-1), ends[0] if len(ends) == 1 else None


def _box(track: Element, frame: int, outside: str, width: str, height: str) -> None:
    SubElement(
        track,
        "box",
        frame=str(frame),
        keyframe="1",
        outside=outside,
        occluded="0",
        xtl="0.00",
        ytl="0.00",
        xbr=f"{float(width):.2f}",
        ybr=f"{float(height):.2f}",
        z_order="0",
    )
