"""One clip's task: keep what is already stored if it is whole and current, else extract it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from twostream.datasets.clips import FrameFolder, Segment
from twostream.errors import TwostreamError
from twostream.locks import STORE_IS_UNUSABLE
from twostream.preparation.alignment import Alignment
from twostream.preparation.extract import extract_clip, file_identity
from twostream.preparation.options import ExtractionOptions
from twostream.preparation.ready_frames import ALGORITHM, store_ready_frames
from twostream.preparation.workers import FatalError
from twostream.store.clip import open_clip
from twostream.store.frame_folders import open_frames
from twostream.store.metadata import ClipMetadata
from twostream.video.decode import DEFAULT_FPS

if TYPE_CHECKING:
    from twostream.flow.tv_l1.flow import Threads


@dataclass(frozen=True)
class ClipTask:
    """Extract `source`, or a `segment`, into `target`, unless that is done and not to be `fresh`."""

    clip_id: str
    source: Path
    target: Path
    options: ExtractionOptions
    fresh: bool = False
    segment: Segment | None = None
    frames_in: FrameFolder | None = None
    assumed_fps: float = DEFAULT_FPS
    alignment_of_others: Alignment | None = None


@dataclass(frozen=True)
class ClipResult:
    """Facts of the stored clip, and whether it was there already."""

    metadata: ClipMetadata
    reused: bool


def ensure_clip(task: ClipTask, *, threads: Threads = 1) -> ClipResult:
    """Make sure that `task.target` holds the clip; see `extract_clip` for `threads`.

    Raises TwostreamError for a broken video and FatalError for a full disk.
    """
    stored = None if task.fresh else current_metadata(task)
    if stored is not None:
        return ClipResult(stored, reused=True)
    try:
        made = _make(task, threads)
        return ClipResult(made, reused=False)
    except OSError as error:
        if error.errno not in STORE_IS_UNUSABLE:
            raise
        raise FatalError(
            task.target.parent,
            expected="room for more clips",
            found=error.strerror or "an error",
            remedy="make room and call the same command again: finished clips are kept",
        ) from error


def _make(task: ClipTask, threads: Threads) -> ClipMetadata:
    if task.frames_in is not None:
        return store_ready_frames(
            task.frames_in,
            task.target,
            task.options,
            fps=task.assumed_fps,
            others=task.alignment_of_others,
        )
    return extract_clip(
        task.source, task.target, task.options, threads=threads, segment=task.segment
    )


def current_metadata(task: ClipTask) -> ClipMetadata | None:
    """Metadata of the stored clip if it is whole and made from this content with these options.

    Whole means every byte: checksums cost less than the hash of the video does, and an error of the
    reader tells the user that this repairs it.
    """
    if not task.target.exists():
        return None
    try:
        clip = open_clip(task.target)
    except TwostreamError:
        return None  # damaged: it is made again
    stored = clip.metadata
    current = _is_from_frames(stored, task) if task.frames_in else _is_from_video(stored, task)
    if not current:
        return None
    try:
        clip.check()
    except TwostreamError:
        return None
    return stored


def _is_from_frames(stored: ClipMetadata, task: ClipTask) -> bool:
    assert task.frames_in is not None
    if stored.flow_algorithm != ALGORITHM:
        return False
    own = "made_by" in stored.flow_parameters
    if not own and (stored.bound_px, stored.fps) != (task.options.bound_px, task.assumed_fps):
        return False
    return (stored.source_sha256, stored.source_bytes) == open_frames(task.frames_in).identity()


def _is_from_video(stored: ClipMetadata, task: ClipTask) -> bool:
    options = task.options
    made_with = (stored.flow_algorithm, stored.flow_parameters, stored.bound_px, stored.step)
    wanted = (options.flow, options.flow_parameters(), options.bound_px, options.step)
    if made_with != wanted or stored.jpeg_quality != options.jpeg_quality:
        return False
    segment = task.segment or Segment(0.0, None)
    if (stored.start_seconds or 0.0, stored.end_seconds) != (
        segment.start_seconds,
        segment.end_seconds,
    ):
        return False
    if (stored.width, stored.height) != _stored_size(stored, options):
        return False
    return (stored.source_sha256, stored.source_bytes) == file_identity(task.source)


def _stored_size(stored: ClipMetadata, options: ExtractionOptions) -> tuple[int, int]:
    from twostream.video.resize import stored_size

    return stored_size(
        stored.source_width, stored.source_height, short_side_px=options.short_side_px
    )
