"""One video into one stored clip: decoded once, N frames and N - 1 flows."""

from __future__ import annotations

import hashlib
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from functools import lru_cache
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

from twostream.datasets.clips import FrameFolder, Segment
from twostream.errors import TwostreamError
from twostream.execution.services import still_alive
from twostream.preparation.options import ExtractionOptions
from twostream.sources.images import (
    ChosenImages,
    encoded_flow,
    encoded_frame,
    flows_between,
    frames_of,
    resized_note,
    too_few_frames,
)
from twostream.sources.pictures import Pictures
from twostream.store.jpeg import Image
from twostream.store.members import METADATA_MEMBER, flow_members, frame_member
from twostream.store.metadata import ClipMetadata
from twostream.store.writer import Put, clip_sink
from twostream.video.colours import converter
from twostream.video.decode import ShownFrame, Video
from twostream.video.oddities import decoding_warning
from twostream.video.passes import open_part

if TYPE_CHECKING:
    from twostream.flow.tv_l1.flow import Threads


def extract_clip(
    source: Path,
    target: Path,
    options: ExtractionOptions,
    *,
    threads: Threads = 1,
    segment: Segment | None = None,
) -> ClipMetadata:
    """Decode the video `source`, or a `segment` of it, and store its frames and flows as `target`.

    Flow is computed at the stored size, on the decoded frames rather than on their JPEGs. The first
    frame decides the size, whatever the header says; frames of another size are resized to it.
    Memory does not grow with the length of the clip. TV-L1 works on `threads` pairs at once (a number,
    or a function that is asked before each pair). Raises TwostreamError where fewer than two frames
    can be decoded; nothing is left behind then.
    """
    identity = file_identity(source)
    with open_part(source, segment) as video:
        return _store(
            frames_of(video, segment),
            target,
            options,
            threads=threads,
            segment=segment,
            source=source,
            facts=lambda images: {
                "source_name": _name(source.name),
                **_identity(identity),
                "fps": images.fps(video.shown.fps(video.fps)),
                "warning": _warning(video, images, segment),
                "converted": video.conversions or None,
                "decoded_by": converter(),
            },
        )


def extract_pictures(
    folder: FrameFolder,
    target: Path,
    options: ExtractionOptions,
    *,
    fps: float,
    threads: Threads = 1,
    segment: Segment | None = None,
) -> ClipMetadata:
    """Store the numbered pictures in `folder`, of which `fps` are assumed a second, as a video's frames.

    Raises TwostreamError as `extract_clip` does, and for gaps in the numbers and damaged pictures.
    """
    pictures = Pictures(folder, fps=fps)
    return _store(
        pictures.shown_frames(segment),
        target,
        options,
        threads=threads,
        segment=segment,
        source=folder.path,
        facts=lambda images: {
            "source_name": _name(folder.name),
            **_identity(pictures.identity()),
            "fps": images.fps(fps),
            "converted": pictures.converted or None,
            "assumed_fps": fps,
        },
    )


def _store(
    frames: Iterable[ShownFrame],
    target: Path,
    options: ExtractionOptions,
    *,
    threads: Threads,
    segment: Segment | None,
    source: Path,
    facts: Callable[[ChosenImages], dict[str, Any]],
) -> ClipMetadata:
    """Store frames and the flows between them; `facts` tells the rest when all have passed."""
    with clip_sink(target, layout=options.layout) as put:
        specification = options.specification()
        images = ChosenImages(frames, specification, on_frame=still_alive)
        flows = store_images(images, put, threads=threads)
        if images.taken < 2:
            raise too_few_frames(source, images.taken, specification, segment)
        if flows != images.taken - 1:
            raise AssertionError(f"{source}: {images.taken} frames gave {flows} flows")
        metadata = ClipMetadata(
            **facts(images),
            source_width=images.source_size[0],
            source_height=images.source_size[1],
            frames=images.taken,
            width=images.size[0],
            height=images.size[1],
            step=options.step,
            bound_px=options.bound_px,
            jpeg_quality=options.jpeg_quality,
            flow_algorithm=options.flow,
            flow_parameters=specification.parameters,
            start_seconds=segment.start_seconds if segment else None,
            end_seconds=segment.end_seconds if segment else None,
            asked_fps=options.fps,
            crop=options.crop,
        )
        put(METADATA_MEMBER, metadata.to_json())
    return metadata


def _warning(video: Video, images: ChosenImages, segment: Segment | None) -> str:
    """What was odd about the file, and frames that were squeezed into the shape of the first."""
    width, height = images.size
    remarks = (
        resized_note(images.other_sizes, width=width, height=height),
        decoding_warning(video, images.decoded, segment),
    )
    return "; ".join(filter(None, remarks))


def _name(name: str) -> str:
    return name.encode("utf-8", "replace").decode()


def _identity(found: tuple[str, int]) -> dict[str, str | int]:
    return dict(zip(("source_sha256", "source_bytes"), found, strict=True))


def store_images(
    images: ChosenImages, put: Put, *, threads: Threads, most: int | None = None
) -> int:
    """Store frames (`most` of them, if given) and the flows between them; returns the number of flows."""
    specification = images.specification
    waiting: deque[tuple[str, bytes]] = deque()  # frames that are decoded ahead of their flow

    def stored() -> Iterator[Image]:
        for index, image in enumerate(islice(images, most)):
            waiting.append((frame_member(index), encoded_frame(image, specification)))
            yield image

    def put_frames(count: int) -> None:
        for _ in range(count):
            put(*waiting.popleft())

    flows = 0
    for index, flow in enumerate(flows_between(stored(), specification, threads=threads)):
        # Each flow behind the two frames that it is between, however many are computed at once: else an
        # archive would hold the same in another order, as the cores were busy.
        put_frames(1 if index else 2)
        for member, content in zip(
            flow_members(index), encoded_flow(flow, specification), strict=True
        ):
            put(member, content)
        flows += 1
        still_alive()
    put_frames(len(waiting))
    return flows


def file_identity(path: Path) -> tuple[str, int]:
    """SHA-256 (hexadecimal) and size in bytes of the file `path`.

    Raises TwostreamError where it cannot be read.
    """
    try:
        status = path.stat()
        # Segments of one long video ask for it again and again.
        return _hashed(path, status.st_size, status.st_mtime_ns, status.st_ino)
    except OSError as error:
        raise TwostreamError(
            path,
            expected="a readable video file",
            found=error.strerror or "an error",
            remedy="check the file and its permissions",
        ) from error


@lru_cache(maxsize=16)
def _hashed(path: Path, *_: int) -> tuple[str, int]:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest(), file.tell()
