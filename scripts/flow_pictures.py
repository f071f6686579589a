"""Draw the pictures of docs/optical-flow.md.

Usage: python scripts/flow_pictures.py [FOLDER]

Everything is generated, so the pictures can be made anywhere; FOLDER is docs/images/flow by default.
"""

from __future__ import annotations

import sys
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray
from twostream.flow import dis, encode_flow, farneback, flow_to_rgb, tvl1
from twostream.flow.files import write_image
from twostream.flow.measures import end_point_error
from twostream.flow.scenes import layered_scene
from twostream.lab.generated.clips import render_clip

FOLDER = Path(__file__).resolve().parents[1] / "docs" / "images" / "flow"
CAPTION_PX, GAP_PX = 22, 6
Image = NDArray[np.uint8]


def rgb(grey: Image) -> Image:
    """A grey image in three channels."""
    return np.repeat(grey[..., None], 3, axis=2)


def captioned(image: Image, caption: str) -> Image:
    """The image below a line of text."""
    line = np.full((CAPTION_PX, image.shape[1], 3), 255, np.uint8)
    place, grey = (2, CAPTION_PX - 7), (40, 40, 40)
    cv2.putText(line, caption, place, cv2.FONT_HERSHEY_SIMPLEX, 0.45, grey, 1, cv2.LINE_AA)
    return np.concatenate([line, image])


def sheet(images: list[tuple[str, Image]], columns: int) -> Image:
    """Images of one size with their captions, in rows of `columns`."""
    margin = ((0, GAP_PX), (0, GAP_PX), (0, 0))
    cells = [np.pad(captioned(i, text), margin, constant_values=255) for text, i in images]
    rows = [cells[k : k + columns] for k in range(0, len(cells), columns)]
    return np.concatenate([np.concatenate(row, axis=1) for row in rows])


def wheel(radius_px: int = 90) -> Image:
    """The colours of all directions; the speed grows to the edge."""
    y, x = np.mgrid[-radius_px : radius_px + 1, -radius_px : radius_px + 1].astype(np.float32)
    outside = np.hypot(x, y) > radius_px
    colors = flow_to_rgb(np.stack([x, y], axis=-1), max_px=radius_px)
    colors[outside] = 255
    return colors


def scene() -> Image:
    """A generated scene, its true flow and what the algorithms make of it."""
    frame0, frame1, truth = layered_scene(5, speed=0.6)
    fastest = float(np.hypot(truth[..., 0], truth[..., 1]).max())

    def cell(name: str, flow: NDArray[np.float32]) -> tuple[str, Image]:
        error = float(end_point_error(flow, truth).mean())
        return f"{name}: {error:.2f} px off", flow_to_rgb(flow, max_px=fastest)

    return sheet(
        [
            ("frame 0", rgb(frame0)),
            (f"true flow, up to {fastest:.1f} px", flow_to_rgb(truth, max_px=fastest)),
            cell("tvl1 exact", tvl1(frame0, frame1)),
            cell("tvl1 fast", tvl1(frame0, frame1, preset="fast")),
            cell("dis", dis(frame0, frame1)),
            cell("farneback", farneback(frame0, frame1)),
        ],
        columns=3,
    )


def action() -> Image:
    """A figure that waves: the frame, its flow in colours, and as it is stored."""
    clip = render_clip("wave_fast", seed=0, group=2, clip=1, width_px=320, height_px=240)
    middle = len(clip) // 2
    flow = tvl1(clip[middle], clip[middle + 1])
    codes = encode_flow(flow, bound_px=20)
    return sheet(
        [
            ("frame", clip[middle]),
            ("tvl1 in colours", flow_to_rgb(flow)),
            ("x as stored (--bound 20)", rgb(codes[..., 0])),
        ],
        columns=3,
    )


def main(folder: Path) -> None:
    """Write all pictures to `folder`."""
    for name, image in (("wheel", wheel()), ("scene", scene()), ("action", action())):
        print(write_image(folder / f"{name}.png", image))


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else FOLDER)
