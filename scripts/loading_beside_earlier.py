"""Loading of training samples beside that of an earlier commit: the same draws by both, as ratios.

`python scripts/loading_beside_earlier.py 903be83 DATA` takes turns between both, each in a process of one
thread, and counts processor time; `bare OpenCV` decodes such images (or makes them grey) and does nothing
else.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
SOURCES = "packages/twostream/src"
CASES = ("frame", "frame, colours", "stack of 10 flows", "grey of a frame")
SIDE_PX, DRAWS = 192, 96

# Only what both commits have.
MEASURED = f"""
import json, sys, time
from pathlib import Path
import cv2, numpy as np
from twostream.datasets.manifest import read_manifest
from twostream.flow.frames import grey
from twostream.store.members import flow_members, frame_member
from twostream.training import samples
from twostream.training.samples import TrainingViews, draw_sample, epoch_draws
from twostream.transforms.preprocessing import Preprocessing

cv2.setNumThreads(1)
data = Path(sys.argv[1])
kind = getattr(samples, "DataSetClips", None) or samples.ClipSource  # as it was called earlier
rows, source = read_manifest(data).rows, kind(data)
draws = epoch_draws(rows, samples_per_clip=3, seed=0, epoch=0)[:{DRAWS}]

def taken(work):
    for part in range(2):  # the first opens clips and warms up
        started = time.process_time()
        for _ in work():  # nothing is kept
            pass
    return 1000 * (time.process_time() - started) / len(draws)

def loading(stream, strength):
    kind = Preprocessing(stream=stream, size_px={SIDE_PX})
    views = TrainingViews(color_jitter=strength)
    return lambda: (draw_sample(d, source=source, preprocessing=kind, views=views) for d in draws)

def decoding(mode, names):
    read = []
    for d in draws:
        clip = source.clip(d.row)
        middle = clip.metadata.flows // 2
        read += [np.frombuffer(clip.read(n), np.uint8) for k in names(middle) for n in k]
    return lambda: (cv2.imdecode(content, mode) for content in read)

frames = taken(decoding(cv2.IMREAD_COLOR, lambda k: [[frame_member(k)]]))
flows = taken(decoding(cv2.IMREAD_GRAYSCALE, lambda k: [flow_members(i) for i in range(k - 5, k + 5)]))
images = [source.clip(d.row).frame(0) for d in draws]
bare = taken(lambda: (cv2.cvtColor(image, cv2.COLOR_RGB2GRAY) for image in images))
print(json.dumps({{
    "frame": [taken(loading("spatial", 0.0)), frames],
    "frame, colours": [taken(loading("spatial", 0.4)), frames],
    "stack of 10 flows": [taken(loading("temporal", 0.0)), flows],
    "grey of a frame": [taken(lambda: map(grey, images)), bare],
}}))
"""


def measured(sources: Path, data: Path) -> dict[str, Any]:
    """Ms of a processor for a sample, and for bare decoding of one, of each case."""
    said = subprocess.run(
        [sys.executable, "-c", MEASURED, str(data)],
        env={**os.environ, "PYTHONPATH": str(sources), "OMP_NUM_THREADS": "1"},
        stdout=subprocess.PIPE,
        check=True,
        text=True,
    )
    facts: dict[str, Any] = json.loads(said.stdout)
    return facts


def main(words: Sequence[str] | None = None) -> int:
    """Measure both in turns, and print what a sample took and the ratios."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("commit", help="the earlier commit")
    parser.add_argument("data", type=Path, help="a prepared data set")
    parser.add_argument("--rounds", type=int, default=5)
    options = parser.parse_args(words)
    data = options.data.absolute()
    with tempfile.TemporaryDirectory() as name:
        then = Path(name) / "then"
        git = ["git", "-C", str(ROOT), "worktree"]
        subprocess.run([*git, "add", "--quiet", "--detach", str(then), options.commit], check=True)
        try:
            pairs = [
                (measured(then / SOURCES, data), measured(ROOT / SOURCES, data))
                for _ in range(options.rounds)
            ]
        finally:
            subprocess.run([*git, "remove", "--force", str(then)], check=True)
    print("| sample | ms then | ms now | faster | bare OpenCV, ms | its share then | now |")
    print("| --- | ---: | ---: | ---: | ---: | ---: | ---: |")
    for case in CASES:
        columns = [
            [then[case][0] for then, _ in pairs],
            [now[case][0] for _, now in pairs],
            [then[case][0] / now[case][0] for then, now in pairs],
            [now[case][1] for _, now in pairs],
            [then[case][1] / then[case][0] for then, _ in pairs],
            [now[case][1] / now[case][0] for _, now in pairs],
        ]
        print(
            f"| {case} | " + " | ".join(f"{statistics.median(one):.3g}" for one in columns) + " |"
        )
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
