"""In which order clips are made: segments of one file as few passes through it."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from twostream.datasets.clips import Segment
from twostream.preparation.ensure import ClipTask


def in_passes(tasks: Sequence[ClipTask]) -> list[ClipTask]:
    """The tasks, segments of one file beside each other: one pass after another, each in order of time.

    Segments of one pass do not overlap. A task after which others of its file come says so.
    """
    by_source: dict[Path, list[list[ClipTask]]] = {}
    ordered: list[ClipTask | Path] = []
    for task in sorted(tasks, key=_times):
        if task.segment is not None:
            _put(task, by_source.setdefault(task.source, []))
    seen: set[Path] = set()
    for task in tasks:
        if task.segment is None:
            ordered.append(task)
        elif task.source not in seen:
            seen.add(task.source)
            ordered.append(task.source)
    result: list[ClipTask] = []
    for item in ordered:
        if isinstance(item, ClipTask):
            result.append(item)
            continue
        *others, last = [task for chain in by_source[item] for task in chain]
        result += [*(replace(task, more_follow=True) for task in others), last]
    return result


def _times(task: ClipTask) -> tuple[float, float]:
    part = task.segment or Segment()
    return part.start_seconds, math.inf if part.end_seconds is None else part.end_seconds


def _put(task: ClipTask, passes: list[list[ClipTask]]) -> None:
    start, _ = _times(task)
    for chain in passes:
        if _times(chain[-1])[1] <= start:
            chain.append(task)
            return
    passes.append([task])
