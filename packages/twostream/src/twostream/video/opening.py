"""Opening a video file with PyAV: fenced, one thread, the stream that players show."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from twostream.datasets.names import is_video
from twostream.datasets.several_images import (
    HEADER_BYTES,
    UNREAD_WEBP,
    WEBP_REMEDY,
    is_animated_webp,
)
from twostream.errors import TwostreamError
from twostream.video.fence import for_file, for_upload
from twostream.video.joined import Span, window
from twostream.video.limits import Limits

REMEDY = "re-encode or remove the file"
NOT_NAMED_SO = "choose a video: by its name this is none"
EXPECTED = "a video file"


@contextmanager
def open_stream(
    path: Path, span: Span | None = None, *, limits: Limits | None = None
) -> Iterator[Any]:
    """The PyAV video stream of a file, or of the recording in a `span` of its bytes.

    With `limits` the file is a stranger's: it is read as bytes, in formats that hold all they show, and
    FFmpeg opens nothing else. Raises LimitError for what says itself that it is beyond them, and
    TwostreamError for a file that is missing, empty, unreadable, or holds no video (audio only, or audio
    with cover art).
    """
    if not path.is_file():
        raise _no_file(path)
    if path.stat().st_size == 0:
        raise TwostreamError(path, expected=EXPECTED, found="an empty file", remedy=REMEDY)
    if limits is not None:
        span = span or (0, path.stat().st_size)
    options = for_file() if limits is None else for_upload(most_pixels=limits.decoder_pixels)
    if span is not None:
        with window(path, span) as file, _container(path, file, options) as container:
            yield _stream(path, container, limits)
        return
    # An absolute path, for FFmpeg takes `a:b.avi` for an address.
    with _container(path, str(path.absolute()), options) as container:
        yield _stream(path, container, limits)


@contextmanager
def _container(path: Path, place: Any, options: dict[str, str]) -> Iterator[Any]:
    import av

    try:
        container: Any = av.open(place, options=options, **_lenient_with_metadata())
    except (av.FFmpegError, ValueError) as error:
        raise TwostreamError(
            path,
            expected=EXPECTED,
            found=f"unreadable data ({_reason(error)})",
            remedy=REMEDY if is_video(path.name) else NOT_NAMED_SO,
        ) from error
    with container:
        yield container


def _stream(path: Path, container: Any, limits: Limits | None) -> Any:
    streams = [stream for stream in container.streams.video if not _is_cover_art(stream)]
    if not streams:
        found = "cover art but no moving pictures" if container.streams.video else _kinds(container)
        remedy = "choose a file with moving pictures, or remove this one"
        raise TwostreamError(path, expected=EXPECTED, found=found, remedy=remedy)
    best = container.streams.best("video")  # the one that players choose
    stream = best if best in streams else streams[0]
    stream.thread_type = "NONE"  # one thread a clip: the clips are what runs in parallel
    context = stream.codec_context
    if limits is not None:
        limits.check_stated(path, stream)
        context.options = {**context.options, "max_pixels": str(limits.decoder_pixels)}
    if context is None or not context.width or not context.height:
        if limits is not None:  # FFmpeg leaves out the size of pictures that it was told to refuse
            raise limits.without_size(path)
        with path.open("rb") as file:
            animated = is_animated_webp(file.read(HEADER_BYTES))
        raise TwostreamError(
            path,
            expected=EXPECTED,
            found=UNREAD_WEBP if animated else "a video stream without a size",
            remedy=WEBP_REMEDY if animated else REMEDY,
        )
    return stream


def _no_file(path: Path) -> TwostreamError:
    if path.is_dir():
        return TwostreamError(
            path, expected=EXPECTED, found="a folder", remedy="name one of the videos in it"
        )
    found = "no regular file" if path.exists() else "no such file"
    return TwostreamError(path, expected=EXPECTED, found=found, remedy="check the path")


def _lenient_with_metadata() -> dict[str, str]:
    """What makes PyAV open files whose titles or comments are not UTF-8.

    From version 19 on it always does so; earlier versions raise UnicodeDecodeError unless told.
    """
    import av

    if int(av.__version__.partition(".")[0]) >= 19:
        return {}
    return {"metadata_errors": "surrogateescape"}


def _is_cover_art(stream: Any) -> bool:
    import av

    return bool(stream.disposition & av.stream.Disposition.attached_pic)


def _kinds(container: Any) -> str:
    kinds = sorted({stream.type for stream in container.streams})
    return "no video stream" + (f" (only {', '.join(kinds)})" if kinds else "")


def _reason(error: Exception) -> str:
    import av

    if isinstance(error, av.ArgumentError):
        return "a kind of file that is not opened as a video, such as a playlist"
    return str(getattr(error, "strerror", "") or error)
