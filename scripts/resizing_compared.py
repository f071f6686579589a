"""Ways to shrink a training view a little, in time and in error, on the images of a prepared data set.

`python scripts/resizing_compared.py DATA` cuts the squares that training cuts and resizes them by OpenCV's
methods. Errors are root mean squares in grey levels to two float64 references that let nothing be skipped:
averages of areas (what INTER_AREA computes), and a Lanczos window of three lobes, the sharpest usual one.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt
from twostream.datasets.manifest import read_manifest
from twostream.store.clip import open_clip

METHODS = {
    "AREA": cv2.INTER_AREA,
    "LINEAR": cv2.INTER_LINEAR,
    "LINEAR_EXACT": cv2.INTER_LINEAR_EXACT,
}
IMAGES, ROUNDS = 24, 7
Weights = npt.NDArray[np.float64]


def area(side: int, size: int) -> Weights:
    """(size, side): the share of each input pixel in each output pixel."""
    edges = np.arange(size + 1) * side / size
    pixel = np.arange(side)
    covered = np.minimum(edges[1:, None], pixel + 1) - np.maximum(edges[:-1, None], pixel)
    weights = np.clip(covered, 0, None)
    normal: Weights = weights / weights.sum(axis=1, keepdims=True)
    return normal


def lanczos(side: int, size: int) -> Weights:
    """(size, side): Lanczos window of three lobes, as wide as the shrinking asks for."""
    scale = max(1.0, side / size)
    centres = (np.arange(size) + 0.5) * side / size
    distance = (np.arange(side) + 0.5 - centres[:, None]) / scale
    weights = np.where(np.abs(distance) < 3, np.sinc(distance) * np.sinc(distance / 3), 0)
    normal: Weights = weights / weights.sum(axis=1, keepdims=True)
    return normal


REFERENCES = {"area": area, "Lanczos": lanczos}


def exact(image: npt.NDArray[np.uint8], weights: Weights) -> npt.NDArray[np.float64]:
    """The image resized by `weights` in both directions, in float64."""
    resized = np.einsum(
        "ij,jk...,lk->il...", weights, image.astype(np.float64), weights, optimize=True
    )
    return np.clip(resized, 0, 255)


def milliseconds(work: Callable[[], object]) -> float:
    """Processor time of one call, the median of some rounds."""
    work()
    taken = []
    for _ in range(ROUNDS):
        started = time.process_time()
        work()
        taken.append(time.process_time() - started)
    return 1000 * float(np.median(taken))


def images_of(data: Path) -> dict[str, list[Any]]:
    """Frames, and planes of flow codes, from the middle of clips all over the data set."""
    rows = read_manifest(data).rows
    clips = [
        open_clip(data / rows[k].path) for k in np.linspace(0, len(rows) - 1, IMAGES).astype(int)
    ]
    middles = [(clip, clip.metadata.flows // 2) for clip in clips]
    return {
        "frame": [clip.frame(k) for clip, k in middles],
        "flow": [plane for clip, k in middles for xy in clip.flows(k, k + 1) for plane in xy],
    }


def main(words: Sequence[str] | None = None) -> int:
    """Measure and print one table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=Path, help="a prepared data set")
    parser.add_argument("--size", type=int, default=192, help="sides of the network's input, in px")
    options = parser.parse_args(words)
    size = options.size
    cv2.setNumThreads(1)
    print("| image | ratio | method | µs | error to area | error to Lanczos |")
    print("| --- | ---: | --- | ---: | ---: | ---: |")
    for kind, images in images_of(options.data).items():
        short = min(min(image.shape[:2]) for image in images)
        for ratio in (1.05, 1.11, 1.25, 4 / 3, 1.5, 2.0, 3.0):
            side = round(size * ratio)
            if side > short:
                continue
            squares = [np.ascontiguousarray(image[:side, :side]) for image in images]
            references = [
                [exact(square, make(side, size)) for square in squares]
                for make in REFERENCES.values()
            ]
            for name, method in METHODS.items():

                def resized(squares: Any = squares, method: int = method) -> list[Any]:
                    return [cv2.resize(one, (size, size), interpolation=method) for one in squares]

                errors = [
                    np.sqrt(
                        np.mean(
                            [
                                (one - other) ** 2
                                for one, other in zip(resized(), found, strict=True)
                            ]
                        )
                    )
                    for found in references
                ]
                microseconds = 1000 * milliseconds(resized) / len(squares)
                figures = f"{microseconds:.0f} | {errors[0]:.2f} | {errors[1]:.2f}"
                print(f"| {kind} | {ratio:.2f} | {name} | {figures} |")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
