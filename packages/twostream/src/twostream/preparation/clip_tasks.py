"""The clips of a data set as tasks: each is stored, or found to be stored already."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from pathlib import Path

from twostream.datasets.clips import Dataset, SourceClip
from twostream.preparation.ensure import ClipTask
from twostream.preparation.options import ExtractionOptions
from twostream.store.writer import clip_target
from twostream.video.rates import DEFAULT_FPS

HMDB51_FPS = 30.0  # to which its makers brought every clip


def assumed_fps(clip: SourceClip) -> float:
    """The rate of frames that somebody has extracted, where nobody tells it."""
    told = clip.frames_in.fps if clip.frames_in else None
    return told or (HMDB51_FPS if clip.tags else DEFAULT_FPS)


def clip_tasks(
    dataset: Dataset,
    out: Path,
    *,
    options: ExtractionOptions,
    redo: Collection[str] = (),
    elsewhere: Path | None = None,
) -> list[ClipTask]:
    """A task for each clip of `dataset`; `elsewhere` is a data set that may hold the same clips."""
    return [
        ClipTask(
            clip.clip_id,
            clip.path,
            clip_target(out / "clips", clip.clip_id, layout=options.layout),
            options if clip.crop is None else replace(options, crop=str(clip.crop)),
            fresh=clip.clip_id in redo,
            segment=clip.segment,
            frames_in=clip.frames_in,
            assumed_fps=assumed_fps(clip),
            elsewhere=None
            if elsewhere is None
            else clip_target(elsewhere / "clips", clip.clip_id, layout=options.layout),
        )
        for clip in dataset.clips
    ]
