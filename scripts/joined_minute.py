"""Join clips to one video of a minute (or so many seconds), for `twostream bench predict`.

    python scripts/joined_minute.py FOLDER OUT.mp4 [--seconds 60] [--size 320x240] [--fps 30]

Clips are taken by their names, one of each folder in turn, until it is long enough, each from beginning to
end and shrunk or enlarged to the size; H.264, a key frame every two seconds.
"""

from __future__ import annotations

import argparse
import itertools
from collections.abc import Iterator
from pathlib import Path

import av
import numpy as np
from twostream.datasets.walk import walk
from twostream.video.decode import open_video
from twostream.video.resize import resize


def in_turn(folder: Path) -> Iterator[Path]:
    """The clips, one of each folder in turn, again from the beginning when all have been."""
    by_folder = [
        list(clips)
        for _, clips in itertools.groupby(
            walk(folder, seen=frozenset()).videos, key=lambda path: path.parent
        )
    ]
    rounds = itertools.zip_longest(*by_folder)
    return itertools.cycle([clip for clips in rounds for clip in clips if clip is not None])


def frames(folder: Path, width: int, height: int) -> Iterator[np.ndarray]:
    """Frame after frame of clip after clip."""
    for clip in in_turn(folder):
        with open_video(clip) as video:
            for frame in video.frames():
                yield resize(frame, width=width, height=height)


def main() -> None:
    """See the top of this file."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--size", default="320x240")
    parser.add_argument("--fps", type=int, default=30)
    given = parser.parse_args()
    width, height = map(int, given.size.split("x"))
    with av.open(str(given.out), "w") as container:
        stream = container.add_stream("libx264", rate=given.fps)
        stream.width, stream.height, stream.pix_fmt = width, height, "yuv420p"
        stream.options = {"preset": "veryfast", "crf": "20", "g": str(2 * given.fps)}
        needed = round(given.seconds * given.fps)
        for image in itertools.islice(frames(given.folder, width, height), needed):
            container.mux(stream.encode(av.VideoFrame.from_ndarray(image, format="rgb24")))
        container.mux(stream.encode())


if __name__ == "__main__":
    main()
