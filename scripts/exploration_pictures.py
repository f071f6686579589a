"""The pictures of the page about your own videos, from generated clips.

python scripts/exploration_pictures.py docs/images/exploration
"""

from __future__ import annotations

import shutil
import struct
import sys
import tempfile
from pathlib import Path

import av
import cv2
import numpy as np
from twostream import explore, prepare
from twostream.lab.generated.dataset import generate_clips
from twostream.video.decode import open_video

SHOWN = ("clips_per_class.svg", "motion.svg", "split_1.svg")
TURNS = {
    "as it lies in the file": (1, 0, 0, 1),
    "a quarter clockwise": (0, 1, -1, 0),
    "a half": (-1, 0, 0, -1),
    "mirrored": (-1, 0, 0, 1),
}
TILE = 144


def main(target: Path) -> None:
    """Write all pictures into `target`."""
    target.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        clips = generate_clips(Path(folder) / "videos", groups_per_class=4, clips_per_group=1)
        data = Path(folder) / "data"
        prepare(clips, out=data, flow="dis")
        explore(data)
        for name in SHOWN:
            shutil.copy(data / "exploration" / name, target / name)
        first = next(clips.rglob("*.avi"))
        write_upright(target / "upright.png", first, Path(folder))


def write_upright(path: Path, clip: Path, folder: Path) -> None:
    """Tiles of one frame: how players show the same file with each display matrix."""
    with open_video(clip) as video:
        image = next(video.frames())
    film = folder / "film.mp4"
    with av.open(str(film), "w") as container:
        stream = container.add_stream("libx264", rate=25, options={"crf": "10"})
        stream.height, stream.width = image.shape[:2]
        stream.pix_fmt = "yuv420p"
        for _ in range(3):
            container.mux(stream.encode(av.VideoFrame.from_ndarray(image, format="rgb24")))
        container.mux(stream.encode())
    data = film.read_bytes()
    tiles = []
    for name, matrix in TURNS.items():
        head, _, tail = data.rpartition(packed(TURNS["as it lies in the file"]))
        film.write_bytes(head + packed(matrix) + tail)
        with open_video(film) as video:
            tiles.append(tile(next(video.frames()), name))
    cv2.imwrite(str(path), cv2.cvtColor(np.hstack(tiles), cv2.COLOR_RGB2BGR))


def packed(matrix: tuple[int, int, int, int]) -> bytes:
    """The display matrix as it stands in a track header of an MP4."""
    a, b, c, d = (65536 * value for value in matrix)
    return struct.pack(">9i", a, b, 0, c, d, 0, 0, 0, 0x40000000)


def tile(image: np.ndarray, name: str) -> np.ndarray:
    """The image in the middle of a light tile, its name below."""
    canvas = np.full((TILE + 30, TILE + 20, 3), (252, 251, 248), np.uint8)
    height, width = image.shape[:2]
    top, left = (TILE - height) // 2, (TILE + 20 - width) // 2
    canvas[top : top + height, left : left + width] = image
    place = (10, TILE + 20)
    cv2.putText(canvas, name, place, cv2.FONT_HERSHEY_SIMPLEX, 0.38, (30, 33, 38), 1, cv2.LINE_AA)
    return canvas


if __name__ == "__main__":
    main(Path(sys.argv[1]))
