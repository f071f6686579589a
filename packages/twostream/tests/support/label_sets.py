"""Recordings in which two things happen at once: a square that moves sideways, and one that is red."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from pathlib import Path

import av
import numpy as np

SIZE_PX, FPS = 48, 25
MOVING, RED, TALL = "moving", "red", "tall"
LABELS = (MOVING, RED, TALL)
# What happens in a recording, in seconds: labels hold over each other, and at the end nothing does.
SCRIPT = (
    (MOVING, 0.0, 2.4),
    (RED, 1.2, 3.6),
    (TALL, 2.4, 4.8),
    (MOVING, 4.8, 6.0),
    (TALL, 4.8, 6.0),
    (RED, 6.0, 7.2),
)
SECONDS = 8.4


def write_recordings(
    folder: Path, *, recordings: int = 4, test: Sequence[int] = (3, 4), seed: int = 0
) -> Path:
    """Recordings and the table of what happens in them, whose path is returned."""
    folder.mkdir(parents=True, exist_ok=True)
    table = folder / "labels.csv"
    with table.open("w", newline="", encoding="utf-8") as file:
        rows = csv.writer(file)
        rows.writerow(["path", "label", "split", "start_seconds", "end_seconds"])
        for number in range(1, recordings + 1):
            name = f"recording_{number}.avi"
            _write(folder / name, frames(number, seed=seed))
            side = "test" if number in test else "train"
            rows.writerows([name, label, side, start, end] for label, start, end in SCRIPT)
    return table


def holding(time_s: float) -> set[str]:
    """The labels that hold at a moment."""
    return {label for label, start, end in SCRIPT if start <= time_s < end}


def frames(number: int, *, seed: int = 0) -> np.ndarray:
    """The pictures of a recording, uint8 RGB (n, 48, 48, 3)."""
    rng = np.random.default_rng((seed, number))
    ground = rng.integers(0, 60, (SIZE_PX, SIZE_PX, 3))
    x = float(rng.uniform(0, 36))
    shown = np.repeat(ground[None], round(SECONDS * FPS), axis=0)
    texture = rng.integers(110, 200, (40, 12, 1)) * np.ones(3)
    step = float(rng.choice([-2.0, 2.0]))
    for k, frame in enumerate(shown):
        held = holding((k + 0.5) / FPS)
        if MOVING in held:
            x += step
            if not 0 <= x <= SIZE_PX - 12:
                step = -step
                x = float(np.clip(x, 0, SIZE_PX - 12))
        high = 36 if TALL in held else 12
        colour = np.array([1.3, 0.25, 0.25]) if RED in held else np.array([0.8, 0.8, 0.8])
        top = (SIZE_PX - high) // 2
        left = round(x)
        frame[top : top + high, left : left + 12] = np.clip(texture[:high] * colour, 0, 255)
    return shown.astype(np.uint8)


def _write(path: Path, images: np.ndarray) -> None:
    with av.open(str(path), "w") as container:
        stream = container.add_stream("mpeg4", rate=FPS, options={"qscale": "2"})
        stream.width, stream.height, stream.pix_fmt = SIZE_PX, SIZE_PX, "yuv420p"
        for image in images:
            container.mux(stream.encode(av.VideoFrame.from_ndarray(image, format="rgb24")))
        container.mux(stream.encode())
