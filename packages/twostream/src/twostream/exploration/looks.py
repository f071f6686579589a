"""One look at each stored clip: how much moves in it, and hashes to know it again by."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from twostream.datasets.manifest import ManifestRow
from twostream.environment import available_cores
from twostream.execution.processes import LocalProcesses
from twostream.exploration.hashing import MOMENTS, perceptual_hash
from twostream.flow.encoding import decode_flow
from twostream.progress import Progress
from twostream.store.clip import open_clip

LIMIT_SECONDS = 600.0


@dataclass(frozen=True)
class Look:
    """What a few frames and flows of one clip tell.

    `motion_px` is the mean length of the flow vectors, in pixels a step at the stored size, and
    `moving_share` the share of pixels that move by half a pixel or more. `video` names the content
    of the video file: clips with the same one were made from the same bytes.
    """

    motion_px: float
    moving_share: float
    hashes: tuple[int, ...]
    video: str


@dataclass(frozen=True)
class _Task:
    clip_id: str
    path: Path


def look_at(
    data: Path, rows: Sequence[ManifestRow], *, workers: int | None = None
) -> tuple[dict[str, Look], dict[str, str]]:
    """Look at every clip of `rows`; returns looks and, for damaged clips, reasons, by clip_id."""
    tasks = [_Task(row.clip_id, data / row.path) for row in rows]
    looks: dict[str, Look] = {}
    damaged: dict[str, str] = {}
    executor = LocalProcesses(workers or available_cores(), timeout_seconds=LIMIT_SECONDS)
    outcomes = executor.map(look, tasks)
    with Progress("explore", total=len(tasks)) as progress, closing(outcomes):
        for outcome in outcomes:
            if outcome.result is None:
                damaged[outcome.task.clip_id] = outcome.problem or "unknown"
            else:
                looks[outcome.task.clip_id] = outcome.result
            progress.advance()
    return looks, damaged


def look(task: _Task) -> Look:
    """Decode `MOMENTS` frames and flows of one clip; raises TwostreamError where it is damaged."""
    import cv2

    clip = open_clip(task.path)
    facts = clip.metadata
    hashes = tuple(
        perceptual_hash(cv2.cvtColor(clip.frame(index), cv2.COLOR_RGB2GRAY))
        for index in moments(facts.frames)
    )
    speeds = []
    for index in moments(facts.flows):
        flow = decode_flow(clip.flow_codes(index), bound_px=facts.bound_px)
        speeds.append(np.hypot(flow[..., 0], flow[..., 1]))
    speed = np.stack(speeds)
    segment = f"{facts.start_seconds}-{facts.end_seconds}"
    return Look(
        motion_px=float(speed.mean()),
        moving_share=float((speed >= 0.5).mean()),
        hashes=hashes,
        video=f"{facts.source_sha256} {segment}",
    )


def moments(count: int) -> list[int]:
    """`MOMENTS` indices below `count`, evenly spread; some several times where there are fewer.

    >>> moments(100), moments(2)
    ([10, 30, 50, 70, 90], [0, 0, 1, 1, 1])
    """
    return [int(count * (k + 0.5) / MOMENTS) for k in range(MOMENTS)]
