"""Small videos of every odd kind that people have, all of the same moving picture."""

from __future__ import annotations

import struct
from collections.abc import Callable, Sequence
from fractions import Fraction
from pathlib import Path

import av
import numpy as np

FRAMES = 8
WIDTH, HEIGHT = 64, 48
IRREGULAR_MS = (0, 40, 120, 160, 400, 440, 1000, 1400)
IRREGULAR_FPS = 7 / 1.4


def moving_ramp(n: int = FRAMES, *, width: int = WIDTH, height: int = HEIGHT) -> list[np.ndarray]:
    """Smooth frames (H, W, 3) whose corners have colours of their own; a bar moves through them."""
    y, x = np.mgrid[:height, :width].astype(np.float32)
    x, y = x / max(1, width - 1), y / max(1, height - 1)
    frames = []
    for k in range(n):
        bar = 60 * np.exp(-(((x - k / n) * 8) ** 2))
        channels = (220 * (1 - x) * (1 - y), 180 * x, 180 * y)
        frames.append(np.stack([np.clip(c + bar, 0, 255) for c in channels], -1).astype(np.uint8))
    return frames


def write(
    path: Path,
    frames: Sequence[np.ndarray],
    *,
    codec: str = "libx264",
    pix_fmt: str = "yuv420p",
    container: str | None = None,
    options: dict[str, str] | None = None,
    times_ms: Sequence[int] | None = None,
) -> Path:
    """Write `frames` as a video, shown at `times_ms` or 25 a second."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with av.open(str(path), "w", format=container) as file:
        stream = file.add_stream(codec, rate=25, options=options or {})
        stream.height, stream.width = frames[0].shape[:2]
        stream.pix_fmt = pix_fmt
        if times_ms is not None:
            stream.codec_context.time_base = Fraction(1, 1000)
        for k, image in enumerate(frames):
            frame = av.VideoFrame.from_ndarray(image, format="rgb24")
            if times_ms is not None:
                frame.pts, frame.time_base = times_ms[k], Fraction(1, 1000)
            for packet in stream.encode(frame):
                file.mux(packet)
        for packet in stream.encode():
            file.mux(packet)
    return path


def write_streams(path: Path, pictures: Sequence[tuple[str, str, Sequence[np.ndarray]]]) -> Path:
    """Write one video stream for each (codec, pixel format, frames)."""
    with av.open(str(path), "w") as file:
        streams = []
        for codec, pix_fmt, frames in pictures:
            stream = file.add_stream(codec, rate=25)
            stream.height, stream.width = frames[0].shape[:2]
            stream.pix_fmt = pix_fmt
            streams.append(stream)
        for stream, (_, _, frames) in zip(streams, pictures, strict=True):
            for image in frames:
                frame = av.VideoFrame.from_ndarray(image, format="rgb24")
                for packet in stream.encode(frame):
                    file.mux(packet)
            for packet in stream.encode():
                file.mux(packet)
    return path


def hide_first_samples(path: Path, *, count: int) -> Path:
    """Copy an MP4 of 25 frames a second without re-encoding; an edit list hides its first samples."""
    target = path.with_name(f"trimmed {path.name}")
    with av.open(str(path)) as read, av.open(str(target), "w") as out:
        old = read.streams.video[0]
        new = out.add_stream_from_template(old)
        start = int(count / 25 / old.time_base)
        for packet in read.demux(old):
            if packet.dts is not None:
                packet.pts, packet.dts = packet.pts - start, packet.dts - start
                packet.stream = new
                out.mux(packet)
    return target


def set_display_matrix(path: Path, matrix: tuple[int, int, int, int]) -> Path:
    """Say in the track header of an MP4 that players show (x, y) at (a x + c y, b x + d y)."""
    data = path.read_bytes()
    # The last matrix is the track's; the first is the whole film's, which players ignore.
    head, found, tail = data.rpartition(_matrix((1, 0, 0, 1)))
    assert found
    path.write_bytes(head + _matrix(matrix) + tail)
    return path


def _matrix(matrix: tuple[int, int, int, int]) -> bytes:
    a, b, c, d = (65536 * value for value in matrix)
    return struct.pack(">9i", a, b, 0, c, d, 0, 0, 0, 0x40000000)


def _sized(width: int, height: int) -> Callable[[Path], Path]:
    frames = moving_ramp(width=width, height=height)
    return lambda folder: write(
        folder / f"size {width}x{height}.mkv", frames, codec="ffv1", pix_fmt="yuv444p"
    )


def _coded(
    name: str, codec: str, pix_fmt: str, container: str | None = None, **options: str
) -> Callable[[Path], Path]:
    def make(folder: Path) -> Path:
        return write(
            folder / name,
            moving_ramp(),
            codec=codec,
            pix_fmt=pix_fmt,
            container=container,
            options={key.replace("_", "-"): value for key, value in options.items()},
        )

    return make


def _irregular(suffix: str, codec: str) -> Callable[[Path], Path]:
    return lambda folder: write(
        folder / f"irregular{suffix}", moving_ramp(), codec=codec, times_ms=IRREGULAR_MS
    )


ORDINARY: dict[str, Callable[[Path], Path]] = {
    "variable rate, mp4": _irregular(".mp4", "libx264"),
    "variable rate, mkv": _irregular(".mkv", "libx264"),
    "variable rate, webm": _irregular(".webm", "libvpx-vp9"),
    "10 bit H.264": _coded("10 bit.mp4", "libx264", "yuv420p10le"),
    "10 bit ProRes": _coded("prores.mov", "prores", "yuv422p10le"),
    "grey": _coded("grey.mkv", "ffv1", "gray"),
    "grey, 16 bit": _coded("grey16.mkv", "ffv1", "gray16le"),
    "alpha, planar": _coded("alpha.mkv", "ffv1", "yuva420p"),
    "alpha, packed": _coded("alpha.mov", "qtrle", "argb"),
    "alpha, PNG": _coded("png.mov", "png", "rgba"),
    "alpha, VP9": _coded("alpha.webm", "libvpx-vp9", "yuva420p"),
    "interlaced H.264": _coded(
        "interlaced.mp4", "libx264", "yuv420p", flags="+ildct+ilme", x264_params="interlaced=1"
    ),
    "interlaced MPEG-2": _coded(
        "interlaced.mpg", "mpeg2video", "yuv420p", "mpeg", flags="+ildct+ilme"
    ),
    "4:4:4": _coded("444.mp4", "libx264", "yuv444p"),
    "4:2:2": _coded("422.avi", "mjpeg", "yuvj422p"),
    "RGB": _coded("rgb.avi", "huffyuv", "rgb24"),
    "palette": _coded("palette.gif", "gif", "rgb8"),
    "upper-case extension": _coded("UPPER.MP4", "libx264", "yuv420p", "mp4"),
    "another container than the name says": _coded(
        "mkv inside.avi", "libx264", "yuv420p", "matroska"
    ),
    "transport stream": _coded("a.m2ts", "libx264", "yuv420p", "mpegts"),
    "flash": _coded("a.flv", "flv", "yuv420p"),
    "windows media": _coded("a.wmv", "wmv2", "yuv420p"),
    "MPEG-1": _coded("a.mpeg", "mpeg1video", "yuv420p", "mpeg"),
    "3gp": _coded("a.3gp", "mpeg4", "yuv420p"),
    "raw": _coded("a.y4m", "rawvideo", "yuv420p", "yuv4mpegpipe"),
    "VP8": _coded("a.webm", "libvpx", "yuv420p"),
}
SIZES = [(63, 47), (17, 97), (640, 2), (3, 3)]
TURNS: dict[str, tuple[tuple[int, int, int, int], Callable[[np.ndarray], np.ndarray]]] = {
    "quarter clockwise": ((0, 1, -1, 0), lambda image: np.rot90(image, -1)),
    "half": ((-1, 0, 0, -1), lambda image: np.rot90(image, 2)),
    "quarter anticlockwise": ((0, -1, 1, 0), lambda image: np.rot90(image, 1)),
    "mirrored": ((-1, 0, 0, 1), lambda image: image[:, ::-1]),
    "upside down and mirrored": ((1, 0, 0, -1), lambda image: image[::-1]),
    "mirrored and quarter": ((0, 1, 1, 0), lambda image: image.swapaxes(0, 1)),
}
