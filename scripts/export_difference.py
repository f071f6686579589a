"""How far the scores of an export's example are from those of `predict`, where flow is not the same.

    python scripts/export_difference.py RUN CLIP… [--most 20]

RUN's networks learnt from twostream's own TV-L1, say, for which the example takes OpenCV's. CLIP is a video
or a folder, of whose videos `--most` are taken, spread evenly. Prints by clip the largest difference of a
score in each stream, and of all clips together the mean one and the largest one, and of how many the best
class is the same. Needs the extra onnx, and time: OpenCV's TV-L1 is slow.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
import twostream
from twostream.datasets.walk import walk


def main() -> None:
    """Export the run, and compare clip by clip."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("run", type=Path)
    parser.add_argument("clips", type=Path, nargs="+")
    parser.add_argument("--most", type=int, default=20, help="videos of each folder")
    given = parser.parse_args()
    clips = [clip for one in given.clips for clip in videos_of(one, given.most)]
    found: dict[str, list[Any]] = {}
    same = 0
    with tempfile.TemporaryDirectory() as place:
        export = Path(place) / "export"
        twostream.export(given.run, format="onnx", out=export)
        loaded = twostream.load(given.run, protocol="25")
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
        print(f"{stream}: mean {np.mean(each):.5f}, largest {np.max(each):.5f}")
    print(f"the best class is the same of {same} of {len(clips)} clips")


def videos_of(place: Path, most: int) -> list[Path]:
    """A video itself; of a folder so many, spread evenly."""
    if not place.is_dir():
        return [place]
    there = sorted(walk(place, seen=frozenset()).videos)
    step = max(len(there) / most, 1.0)
    return [there[int(k * step)] for k in range(min(most, len(there)))]


def of_example(export: Path, clip: Path) -> dict[str, dict[str, float]]:
    """The scores that the example prints of a clip, by stream and class."""
    command = [sys.executable, str(export / "example.py"), str(clip.absolute())]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    scores: dict[str, dict[str, float]] = json.loads(done.stdout)
    return scores


if __name__ == "__main__":
    main()
