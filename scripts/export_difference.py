"""How far the scores of an export's example are from those of `predict`, where flow is not the same.

    python scripts/export_difference.py RUN FOLDER… [--most 20]

RUN's networks learnt from twostream's own TV-L1, say, for which the example takes OpenCV's. Of each FOLDER
`--most` videos are taken, spread evenly; FOLDER may be a video. Prints by clip the largest difference of a
score in each stream, and of each folder the mean one and the largest one, and of how many clips the best
class is the same. Needs the extra onnx, and time: OpenCV's TV-L1 is slow.
"""

from __future__ import annotations

import argparse
import io
import json
import runpy
import sys
import tempfile
from contextlib import redirect_stdout
from pathlib import Path
from typing import Any

import numpy as np
import twostream
from twostream.datasets.walk import walk


def main() -> None:
    """Export the run, and compare clip by clip."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("run", type=Path)
    parser.add_argument("folders", type=Path, nargs="+")
    parser.add_argument("--most", type=int, default=20, help="videos of each folder")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as place:
        export = Path(place) / "export"
        twostream.export(given.run, format="onnx", out=export)
        loaded = twostream.load(given.run, protocol="25")
        for folder in given.folders:
            compare(loaded, export, folder, videos_of(folder, given.most))


def compare(loaded: Any, export: Path, folder: Path, clips: list[Path]) -> None:
    """Print the differences of the clips of a folder."""
    found: dict[str, list[Any]] = {}
    same = 0
    for clip in clips:
        told, expected = of_example(export, clip), loaded.predict(clip)
        for stream, scores in expected.scores.items():
            others = [told[stream][label] for label in expected.classes]
            found.setdefault(stream, []).append(np.abs(np.asarray(others) - scores))
        is_same = max(told["fused"], key=told["fused"].__getitem__) == expected.fused[0].label
        same += is_same
        words = ", ".join(f"{stream} {each[-1].max():.5f}" for stream, each in found.items())
        best = "the same" if is_same else "another"
        print(f"{clip.name}: {words}; the best class is {best}", flush=True)
    for stream, each in found.items():
        print(f"{folder}: {stream}: mean {np.mean(each):.5f}, largest {np.max(each):.5f}")
    print(f"{folder}: the best class is the same of {same} of {len(clips)} clips", flush=True)


def videos_of(place: Path, most: int) -> list[Path]:
    """A video itself; of a folder so many, spread evenly."""
    if not place.is_dir():
        return [place]
    there = sorted(walk(place, seen=frozenset()).videos)
    step = max(len(there) / most, 1.0)
    return [there[int(k * step)] for k in range(min(most, len(there)))]


def of_example(export: Path, clip: Path) -> dict[str, dict[str, float]]:
    """The scores that the example prints of a clip, by stream and class."""
    sys.argv = [str(export / "example.py"), str(clip.absolute())]
    with redirect_stdout(io.StringIO()) as told:
        runpy.run_path(sys.argv[0], run_name="__main__")
    scores: dict[str, dict[str, float]] = json.loads(told.getvalue())
    return scores


if __name__ == "__main__":
    main()
