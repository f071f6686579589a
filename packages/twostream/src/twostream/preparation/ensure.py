"""One clip's task: keep what is already stored if it is whole and current, else extract it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from twostream.datasets.clips import FrameFolder, Segment
from twostream.errors import TwostreamError
from twostream.execution.outcomes import FatalError
from twostream.execution.services import cores_now
from twostream.formats import LaterFormatError
from twostream.locks import STORE_IS_UNUSABLE
from twostream.preparation.alignment import Alignment
from twostream.preparation.converted_otherwise import converted_otherwise
from twostream.preparation.extract import extract_clip, extract_pictures, file_identity
from twostream.preparation.options import ExtractionOptions
from twostream.preparation.ready_frames import ALGORITHM, store_ready_frames
from twostream.preparation.verified import (
    Stamps,
    settled_stamps,
    stamp_of,
    stamps_of,
    stamps_of_new,
)
from twostream.store.clip import open_clip
from twostream.store.frame_folders import open_frames
from twostream.store.metadata import ClipMetadata
from twostream.store.writer import adopt_clip
from twostream.video.passes import leave_video
from twostream.video.rates import DEFAULT_FPS

if TYPE_CHECKING:
    from twostream.flow.tv_l1.flow import Threads


@dataclass(frozen=True)
class ClipTask:
    """Extract `source`, or a `segment`, into `target`, unless that is done and not to be `fresh`.

    Where the same clip lies in `elsewhere` already, it is taken from there. What lies there unchanged since
    it was `verified` is not read to the last byte again. Where `more_follow`, the file stays open.
    """

    clip_id: str
    source: Path
    target: Path
    options: ExtractionOptions
    fresh: bool = False
    segment: Segment | None = None
    frames_in: FrameFolder | None = None
    assumed_fps: float = DEFAULT_FPS
    alignment_of_others: Alignment | None = None
    elsewhere: Path | None = None
    verified: Stamps | None = None
    more_follow: bool = False


@dataclass(frozen=True)
class ClipResult:
    """Facts of the stored clip, whether it was there already, and by which stamps it is known as whole.

    `otherwise` is in what its pictures would be others if they were made today.
    """

    metadata: ClipMetadata
    reused: bool
    stamps: Stamps | None = None
    otherwise: str = ""


def ensure_clip(task: ClipTask, *, threads: Threads = cores_now) -> ClipResult:
    """Make sure that `task.target` holds the clip; see `extract_clip` for `threads`.

    Raises TwostreamError for a broken video and FatalError for a full disk.
    """
    stamps = None if task.frames_in else settled_stamps(task.source, task.target)
    stored = None if task.fresh else current_metadata(task)
    if stored is not None:
        otherwise = converted_otherwise(open_clip(task.target), task.source)
        return ClipResult(stored, reused=True, stamps=stamps, otherwise=otherwise)
    try:
        if not task.fresh and task.elsewhere is not None:
            stored = current_metadata(replace(task, target=task.elsewhere))
            if stored is not None:
                adopt_clip(task.elsewhere, task.target)
                return ClipResult(stored, reused=True)
        before = None if task.frames_in else stamp_of(task.source)
        made = _made_and_left(task, threads)
        return ClipResult(
            made, reused=False, stamps=stamps_of_new(before, task.source, task.target)
        )
    except OSError as error:
        if error.errno not in STORE_IS_UNUSABLE:
            raise
        raise no_room(task.target, error) from error


def import_libraries() -> None:
    """Import what takes longest, as a worker does while there is no task for it yet."""
    import av
    import cv2

    from twostream.flow.tv_l1 import flow

    del av, cv2, flow


def no_room(target: Path, error: OSError) -> FatalError:
    """What ends the whole job where a clip cannot be written."""
    return FatalError(
        target.parent,
        expected="room for more clips",
        found=error.strerror or "an error",
        remedy="make room and call the same command again: finished clips are kept",
    )


def _made_and_left(task: ClipTask, threads: Threads) -> ClipMetadata:
    try:
        return _make(task, threads)
    finally:
        if not task.more_follow:
            leave_video()


def _make(task: ClipTask, threads: Threads) -> ClipMetadata:
    if task.frames_in is not None and task.frames_in.has_flow:
        return store_ready_frames(
            task.frames_in,
            task.target,
            task.options,
            fps=task.assumed_fps,
            others=task.alignment_of_others,
        )
    if task.frames_in is not None:
        return extract_pictures(
            task.frames_in,
            task.target,
            task.options,
            fps=task.assumed_fps,
            threads=threads,
            segment=task.segment,
        )
    return extract_clip(
        task.source, task.target, task.options, threads=threads, segment=task.segment
    )


def current_metadata(task: ClipTask) -> ClipMetadata | None:
    """Metadata of the stored clip if it is whole and made from this content with these options.

    Whole means every byte: checksums cost less than the hash of the video does, and an error of the
    reader tells the user that this repairs it. Only what has the stamps that it was verified with is not
    read again. Raises FatalError for a clip that a later version wrote: it
    is whole, and not to be read here.
    """
    if not task.target.exists():
        return None
    try:
        clip = open_clip(task.target)
    except LaterFormatError as error:
        raise FatalError(
            error.subject, expected=error.expected, found=error.found, remedy=error.remedy
        ) from error
    except TwostreamError:
        return None  # damaged: it is made again
    stored = clip.metadata
    known = task.verified is not None and task.verified == stamps_of(task.source, task.target)
    if task.frames_in:
        current, known = _is_from_frames(stored, task, task.frames_in), False
    else:
        current = _is_from_video(stored, task, known=known)
    if not current:
        return None
    if known:
        return stored
    try:
        clip.check()
    except TwostreamError:
        return None
    return stored


def _is_from_frames(stored: ClipMetadata, task: ClipTask, frames: FrameFolder) -> bool:
    if not frames.has_flow:
        if stored.assumed_fps != task.assumed_fps or not _is_from_video(stored, task, known=True):
            return False
        return (stored.source_sha256, stored.source_bytes) == open_frames(frames).identity()
    if stored.flow_algorithm != ALGORITHM:
        return False
    own = "made_by" in stored.flow_parameters
    if not own and (stored.bound_px, stored.fps) != (task.options.bound_px, task.assumed_fps):
        return False
    return (stored.source_sha256, stored.source_bytes) == open_frames(frames).identity()


def _is_from_video(stored: ClipMetadata, task: ClipTask, *, known: bool) -> bool:
    """Whether these options made it of this video, whose content is `known` to be what it was."""
    options = task.options
    made_with = (stored.flow_algorithm, stored.bound_px, stored.step, stored.jpeg_quality)
    wanted = (options.flow, options.bound_px, options.step, options.jpeg_quality)
    made_with_later = (stored.asked_fps, stored.crop)
    if (*made_with, *made_with_later) != (*wanted, options.fps, options.crop):
        return False
    if not options.has_flow_parameters(stored.flow_parameters):
        return False
    segment = task.segment or Segment(0.0, None)
    if (stored.start_seconds or 0.0, stored.end_seconds) != (
        segment.start_seconds,
        segment.end_seconds,
    ):
        return False
    if (stored.width, stored.height) != _stored_size(stored, options):
        return False
    return known or (stored.source_sha256, stored.source_bytes) == file_identity(task.source)


def _stored_size(stored: ClipMetadata, options: ExtractionOptions) -> tuple[int, int]:
    from twostream.video.resize import stored_size

    return stored_size(*stored.used_size, short_side_px=options.short_side_px)
