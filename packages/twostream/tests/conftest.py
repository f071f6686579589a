"""What all floors' tests share: the real clips, and small videos whose motion is known."""

from __future__ import annotations

import os
import struct
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import av
import cv2
import numpy as np
import pytest
from hypothesis import settings
from twostream.cli.results import show_result
from twostream.cli.showing import Shown
from twostream.events import listening

# Machines are shared: how long an example takes says nothing about the code.
settings.register_profile("twostream", deadline=None)
settings.load_profile("twostream")

REPOSITORY = Path(__file__).resolve().parents[3]


@pytest.fixture(scope="session", autouse=True)
def no_waiting_for_the_disk():
    """What tests write need not outlast a power cut."""
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(os, "fsync", lambda handle: None)
        yield


@pytest.fixture(scope="session")
def shared_data() -> Path:
    folder = REPOSITORY.parent / "shared" / "data"
    if not folder.is_dir():
        pytest.skip(f"the real clips are absent: {folder} is no folder")
    return folder


@pytest.fixture(scope="session")
def moving_texture() -> Callable[..., np.ndarray]:
    """Frames (n, H, W, 3) of a texture that moves by (dx, dy) pixels a frame, round the edges."""

    def make(n=6, *, width=64, height=48, dx=2.0, dy=0.0, seed=0):
        # Waves that fit into the picture, so that any shift, of half a pixel too, is exact.
        rng = np.random.default_rng(seed)
        y, x = np.mgrid[:height, :width].astype(np.float32)
        waves = [
            (int(rng.integers(1 + width // 6)), int(rng.integers(1 + height // 6)), rng.random())
            for _ in range(40)
        ]
        frames = []
        for k in range(n):
            turns = [
                a * (x - k * dx) / width + b * (y - k * dy) / height + phase
                for a, b, phase in waves
            ]
            value = sum(np.cos(2 * np.pi * turn) for turn in turns)
            grey = np.clip(128 + 18 * value, 0, 255).astype(np.uint8)
            frames.append(np.stack([grey, grey, grey], axis=-1))
        return np.stack(frames)

    return make


@pytest.fixture(scope="session")
def write_video() -> Callable[..., Path]:
    """Write frames (n, H, W, 3) uint8 RGB as a video; returns its path."""

    def write(path, frames, *, codec="mpeg4", pix_fmt="yuv420p", fps=25, options=None):
        path.parent.mkdir(parents=True, exist_ok=True)
        # Written to a plain name first: FFmpeg takes patterns such as %d as its own.
        plain = path.with_name(f"plain{path.suffix}")
        with av.open(str(plain), "w") as container:
            stream = container.add_stream(codec, rate=fps, options=options or {})
            stream.height, stream.width = frames[0].shape[:2]
            stream.pix_fmt = pix_fmt
            stream.bit_rate = 4_000_000
            stream.thread_type = "NONE"
            for image in frames:
                frame = av.VideoFrame.from_ndarray(np.ascontiguousarray(image), format="rgb24")
                for packet in stream.encode(frame):
                    container.mux(packet)
            for packet in stream.encode():
                container.mux(packet)
        return plain.replace(path)

    return write


@pytest.fixture(scope="session")
def changing_size() -> Callable[..., Path]:
    """Write a video whose frames have the given sizes (width, height), grey 40, 60, 80, …"""

    def write(path, sizes):
        jpegs = [
            cv2.imencode(".jpg", np.full((height, width, 3), 40 + 20 * k, np.uint8))[1]
            for k, (width, height) in enumerate(sizes)
        ]
        path.write_bytes(b"".join(map(bytes, jpegs)))
        return path

    return write


@pytest.fixture(scope="session")
def promise_frames() -> Callable[[Path, int], None]:
    """Change the number of frames in both headers of an AVI file."""

    def promise(path, count):
        data = bytearray(path.read_bytes())
        struct.pack_into("<I", data, data.index(b"avih") + 8 + 16, count)
        struct.pack_into("<I", data, data.index(b"strh") + 8 + 32, count)
        path.write_bytes(data)

    return promise


@pytest.fixture(scope="session")
def write_audio() -> Callable[..., Path]:
    """Write a second of silence, with a cover picture if `cover` is given."""

    def write(path, *, cover=None):
        path.parent.mkdir(parents=True, exist_ok=True)
        with av.open(str(path), "w") as container:
            sound = container.add_stream("aac" if path.suffix != ".mp3" else "libmp3lame", 44100)
            picture = None
            if cover is not None:
                picture = container.add_stream("mjpeg", rate=1)
                picture.height, picture.width = cover.shape[:2]
                picture.pix_fmt = "yuvj420p"
                picture.disposition = av.stream.Disposition.attached_pic.value
                frame = av.VideoFrame.from_ndarray(cover, format="rgb24")
                for packet in [*picture.encode(frame), *picture.encode()]:
                    container.mux(packet)
            for k in range(20):
                silence = np.zeros((2, 1024), np.float32)
                frame = av.AudioFrame.from_ndarray(silence, format="fltp", layout="stereo")
                frame.sample_rate, frame.pts = 44100, k * 1024
                for packet in sound.encode(frame):
                    container.mux(packet)
            for packet in sound.encode():
                container.mux(packet)
        return path

    return write


@pytest.fixture(scope="session")
def run_twostream() -> Callable[..., subprocess.CompletedProcess[str]]:
    """Run the command line in a process of its own, with warnings as errors."""

    def run(*arguments, cwd=None, env=None):
        return subprocess.run(
            [sys.executable, "-W", "error", "-m", "twostream", *map(str, arguments)],
            cwd=cwd,
            env={**os.environ, **(env or {})},
            capture_output=True,
            text=True,
            timeout=900,
            check=False,
        )

    return run


@pytest.fixture
def shown():
    """What verbs called in the test tell is shown, as the command line does."""
    with listening(Shown(show_result=show_result)):
        yield
