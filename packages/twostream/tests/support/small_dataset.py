"""A prepared data set that a test can train on in seconds: squares that move in class-typical ways."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import av
import numpy as np
from twostream.choices import LeaveOut
from twostream.datasets.manifest import ManifestRow, read_manifest, write_manifest
from twostream.preparation.dataset import prepare_dataset
from twostream.preparation.options import ExtractionOptions, PrepareOptions

CLASSES = ("down", "left", "right")
DIRECTIONS = {"down": (2, 0), "left": (0, -2), "right": (0, 2)}
SIZE_PX = 48
FRAMES = 14


def write_videos(
    folder: Path,
    *,
    classes: Sequence[str] = CLASSES,
    groups: int = 4,
    widths: Sequence[int] = (SIZE_PX,),
) -> Path:
    """One clip for each class and group: a bright textured square on a dim textured ground.

    Groups take turns in `widths`; where one is above `SIZE_PX`, more ground is to the right.
    """
    for class_name in classes:
        for group in range(1, groups + 1):
            rng = np.random.default_rng((classes.index(class_name), group))
            name = f"v_{class_name}_g{group:02d}_c01.avi"
            frames = _moving_square(DIRECTIONS[class_name], rng)
            more = widths[group % len(widths)] - SIZE_PX
            frames = np.pad(frames, ((0, 0), (0, 0), (0, more), (0, 0)), mode="symmetric")
            _write(folder / class_name / name, frames)
    return folder


def prepared(
    folder: Path,
    videos: Path,
    *,
    annotations: Path | None = None,
    extraction: ExtractionOptions | None = None,
    bound_px: float = 20.0,
    folds: int | None = None,
    leave_out: LeaveOut | None = None,
) -> Path:
    """`videos` prepared into `folder`; with DIS flow where nothing else is asked."""
    prepare_dataset(
        videos,
        folder,
        PrepareOptions(
            extraction=extraction or ExtractionOptions(flow="dis", bound_px=bound_px),
            annotations=annotations,
            folds=folds,
            leave_out=leave_out,
            workers=2,
            timeout=60,
        ),
    )
    return folder


def _moving_square(direction: tuple[int, int], rng: np.random.Generator) -> np.ndarray:
    ground = rng.integers(0, 60, (SIZE_PX, SIZE_PX, 3))
    square = rng.integers(120, 255, (12, 12, 3))
    top, left = (18 - 7 * step if step else int(rng.integers(4, 32)) for step in direction)
    frames = np.repeat(ground[None], FRAMES, axis=0)
    for k, frame in enumerate(frames):
        y, x = (
            int(np.clip(start + k * step, 0, SIZE_PX - 12))
            for start, step in zip((top, left), direction, strict=True)
        )
        frame[y : y + 12, x : x + 12] = square
    return frames.astype(np.uint8)


def _write(path: Path, frames: np.ndarray) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with av.open(str(path), "w") as container:
        stream = container.add_stream("mpeg4", rate=25, options={"qscale": "2"})
        stream.height, stream.width = frames.shape[1:3]
        stream.pix_fmt = "yuv420p"
        for image in frames:
            container.mux(stream.encode(av.VideoFrame.from_ndarray(image, format="rgb24")))
        container.mux(stream.encode())


def with_wrong_test_labels(data: Path, to: Path) -> Path:
    """The same data, but every test clip of the first split has the label of another class."""
    shutil.copytree(data, to)
    manifest = read_manifest(to)

    def wrong(row: ManifestRow) -> ManifestRow:
        label = (row.label + 1) % len(manifest.classes)
        return replace(row, label=label, class_name=manifest.classes[label])

    rows = [wrong(row) if row.splits[0] == "test" else row for row in manifest.rows]
    write_manifest(to, rows, len(manifest.split_numbers))
    return to
