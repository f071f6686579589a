"""Seeds for the abuse run, small videos in many containers, and the ways to damage them."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from itertools import islice
from pathlib import Path

import av
import cv2
import numpy as np
from twostream.video.decode import open_video

WIDTH, HEIGHT, FRAMES = 80, 60, 10
# Suffix, codec, pixel format, muxer (None: by suffix).
KINDS = (
    (".avi", "mpeg4", "yuv420p", None),
    (".mp4", "libx264", "yuv420p", None),
    (".mkv", "libx264", "yuv420p", None),
    (".webm", "libvpx-vp9", "yuv420p", None),
    (".mov", "mjpeg", "yuvj420p", None),
    (".mpg", "mpeg2video", "yuv420p", "mpeg"),
    (".ts", "libx264", "yuv420p", "mpegts"),
    (".flv", "flv", "yuv420p", None),
    (".wmv", "wmv2", "yuv420p", None),
    (".gif", "gif", "rgb8", None),
    (".3gp", "mpeg4", "yuv420p", None),
    (".y4m", "rawvideo", "yuv420p", "yuv4mpegpipe"),
)


def write_seeds(folder: Path, clips: Path | None) -> list[Path]:
    """Clips (the real ones below `clips`, else moving noise) in every container; returns their paths.

    The real files themselves are seeds too.
    """
    folder.mkdir(parents=True, exist_ok=True)
    real = sorted(clips.rglob("*.avi")) if clips is not None and clips.is_dir() else []
    pictures = [_frames_of(path) for path in real[:: max(1, len(real) // 6)][:6]]
    if not pictures:
        pictures = [_moving_noise(seed) for seed in range(4)]
    seeds = []
    for number, frames in enumerate(pictures):
        for suffix, codec, pix_fmt, muxer in KINDS:
            path = folder / f"seed{number}{suffix}"
            with av.open(str(path), "w", format=muxer) as container:
                stream = container.add_stream(codec, rate=25)
                stream.width, stream.height, stream.pix_fmt = WIDTH, HEIGHT, pix_fmt
                for image in frames:
                    frame = av.VideoFrame.from_ndarray(image, format="rgb24")
                    for packet in stream.encode(frame):
                        container.mux(packet)
                for packet in stream.encode():
                    container.mux(packet)
            seeds.append(path)
    return seeds + sorted(real, key=lambda path: path.stat().st_size)[:6]


def _frames_of(path: Path) -> list[np.ndarray]:
    with open_video(path) as video:
        frames = list(islice(video.frames(), FRAMES))
    return [cv2.resize(image, (WIDTH, HEIGHT), interpolation=cv2.INTER_AREA) for image in frames]


def _moving_noise(seed: int) -> list[np.ndarray]:
    rng = np.random.default_rng(seed)
    ground = cv2.GaussianBlur(rng.integers(0, 255, (HEIGHT, WIDTH, 3), np.uint8), (0, 0), 3)
    return [np.roll(ground, 2 * k, axis=1) for k in range(FRAMES)]


def flip_bits(data: bytearray, rng: random.Random, _: bytes) -> None:
    """Flip bits anywhere."""
    for _k in range(rng.choice((1, 4, 16, 64, 256))):
        data[rng.randrange(len(data))] ^= 1 << rng.randrange(8)


def flip_header_bits(data: bytearray, rng: random.Random, _: bytes) -> None:
    """Flip bits of the first two kilobytes."""
    for _k in range(rng.choice((1, 2, 8, 32))):
        data[rng.randrange(min(2048, len(data)))] ^= 1 << rng.randrange(8)


def truncate(data: bytearray, rng: random.Random, _: bytes) -> None:
    """Cut the end off."""
    del data[rng.randrange(len(data)) :]


def swap_header(data: bytearray, rng: random.Random, other: bytes) -> None:
    """Begin like another file."""
    length = rng.choice((16, 64, 256, 1024, 4096))
    data[:length] = other[:length]


def swap_tail(data: bytearray, rng: random.Random, other: bytes) -> None:
    """End like another file."""
    length = rng.choice((64, 512, 4096))
    data[-length:] = other[-length:]


def overwrite_block(data: bytearray, rng: random.Random, other: bytes) -> None:
    """Overwrite a block with zeros, ones, noise or the start of another file."""
    start, length = rng.randrange(len(data)), rng.choice((8, 64, 512, 4096))
    filling = rng.choice((bytes(length), b"\xff" * length, rng.randbytes(length), other[:length]))
    data[start : start + length] = filling


def remove_block(data: bytearray, rng: random.Random, _: bytes) -> None:
    """Take a block out."""
    start = rng.randrange(len(data))
    del data[start : start + rng.choice((1, 3, 100, 1000))]


def repeat_block(data: bytearray, rng: random.Random, _: bytes) -> None:
    """Repeat a block."""
    start, length = rng.randrange(len(data)), rng.choice((4, 100, 5000))
    data[start:start] = data[start : start + length] * rng.choice((1, 5, 50))


DAMAGES: tuple[Callable[[bytearray, random.Random, bytes], None], ...] = (
    flip_bits,
    flip_header_bits,
    truncate,
    swap_header,
    swap_tail,
    overwrite_block,
    remove_block,
    repeat_block,
)


def write_mutants(folder: Path, seeds: list[Path], *, first: int, count: int) -> Iterator[Path]:
    """Damaged copies number `first` to `first` + `count` - 1 in two class folders.

    Number k is the same whatever the run: it can be made again to look into what it did.
    """
    for number in range(first, first + count):
        rng = random.Random(number)
        damage = DAMAGES[number % len(DAMAGES)]
        seed, other = rng.choice(seeds), rng.choice(seeds)
        data = bytearray(seed.read_bytes())
        damage(data, rng, other.read_bytes())
        path = folder / "ab"[number % 2] / f"{number:06d}_{damage.__name__}{seed.suffix}"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
        yield path
