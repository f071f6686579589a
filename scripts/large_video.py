"""How fast `predict` is on a 1080p video beside the same one of 320x240, by the clock and by processors.

    python scripts/large_video.py minute.mp4 [--seconds 20] [--flow fast] [--backbone ResNet50] [--rounds 2]

Makes two copies of the first seconds of a video (`scripts/joined_minute.py` makes one), of 320x240 and of
1920x1080, both in H.264, and times `bench predict` on each in turns, a process each. Prints the real-time
factors and their ratio, which must be at least 0.8. Wants a machine that does nothing else.
"""

from __future__ import annotations

import argparse
import itertools
import json
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

import av
from twostream.video.decode import open_video
from twostream.video.resize import resize

SIZES = {"320x240": (320, 240), "1080p": (1920, 1080)}
RATIO_BAR = 0.8


def copy(source: Path, target: Path, *, seconds: float, width: int, height: int) -> None:
    """The first seconds of a video at another size."""
    with open_video(source) as video, av.open(str(target), "w") as container:
        stream = container.add_stream("libx264", rate=round(video.fps))
        stream.width, stream.height, stream.pix_fmt = width, height, "yuv420p"
        stream.options = {"preset": "veryfast", "crf": "20", "g": str(2 * round(video.fps))}
        for image in itertools.islice(video.frames(), round(seconds * video.fps)):
            larger = resize(image, width=width, height=height)
            container.mux(stream.encode(av.VideoFrame.from_ndarray(larger, format="rgb24")))
        container.mux(stream.encode())


def timed(video: Path, out: Path, *, flow: str, backbone: str) -> tuple[float, float]:
    """The real-time factor, and the processor seconds for a second of video."""
    words = ["bench", "predict", str(video), "--flows", flow, "--samplings", "8"]
    words += ["--backbone", backbone, "--precision", "float32", "--out", str(out)]
    subprocess.run([sys.executable, "-m", "twostream", *words], check=True, capture_output=True)
    (row,) = json.loads(out.read_text())["rows"]
    return row["real_time_factor"], row["processor_seconds_a_second"]


def main() -> None:
    """See the top of this file."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("video", type=Path)
    parser.add_argument("--seconds", type=float, default=20.0)
    parser.add_argument("--flow", default="fast")
    parser.add_argument("--backbone", default="ResNet50")
    parser.add_argument("--rounds", type=int, default=2)
    given = parser.parse_args()
    found: dict[str, list[tuple[float, float]]] = {name: [] for name in SIZES}
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        for name, (width, height) in SIZES.items():
            target = place / f"{name}.mp4"
            copy(given.video, target, seconds=given.seconds, width=width, height=height)
        for _, name in itertools.product(range(given.rounds), SIZES):
            one = timed(
                place / f"{name}.mp4",
                place / "out.json",
                flow=given.flow,
                backbone=given.backbone,
            )
            found[name].append(one)
            print(f"{name}: factor {one[0]:.2f}, {one[1]:.2f} processor s a second", flush=True)
    small, large = (found[name] for name in SIZES)
    clock = statistics.median(one[0] for one in large) / statistics.median(one[0] for one in small)
    spent = statistics.median(one[1] for one in small) / statistics.median(one[1] for one in large)
    print(f"1080p: {clock:.2f} of the factor of 320x240 by the clock, {spent:.2f} by processors")
    sys.exit(clock < RATIO_BAR)


if __name__ == "__main__":
    main()
