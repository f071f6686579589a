"""Clips as classic tools extract them: numbered images and codes of their true motion."""

from __future__ import annotations

import zipfile

import cv2
import numpy as np

BOUND_PX = 20.0
# Jumps that differ from step to step, so that a flow fits one pair of images only.
JUMPS = [(2, 0), (-3, 1), (0, -2), (4, 2), (-1, -3), (3, 3), (-4, 0), (1, 2), (-2, -2)]


def texture(x_px, y_px, *, width=64, height=48):
    y, x = np.mgrid[:height, :width].astype(np.float32)
    x, y = x - x_px, y - y_px
    waves = np.sin(x / 5) + np.sin(y / 4 + 1) + np.sin((x + y) / 7) + np.cos((x - 2 * y) / 9)
    return np.clip(128 + 28 * waves, 0, 255).astype(np.uint8)


def write_clip(folder, *, alignment="into", images=10, flows=None, jumps=JUMPS, suffix=".jpg"):
    """A clip as classic tools write it, its flows being the true motion."""
    folder.mkdir(parents=True)
    # One image more at either end, for the flows that leave or enter the clip.
    steps = [jumps[k % len(jumps)] for k in range(images + 2)]
    places = np.cumsum([(0, 0), *steps], axis=0)
    for k in range(1, images + 1):
        grey = texture(*places[k])
        cv2.imwrite(str(folder / f"img_{k:05d}{suffix}"), cv2.merge((grey, grey, grey)))
    flows = (images if alignment == "into" else images - 1) if flows is None else flows
    for k in range(1, flows + 1):
        motion = steps[k - 1] if alignment == "into" else steps[k]
        for axis, name in enumerate("xy"):
            code = int(np.floor(127.5 + 127.5 * motion[axis] / BOUND_PX))
            image = np.full((48, 64), code, np.uint8)
            cv2.imwrite(str(folder / f"flow_{name}_{k:05d}{suffix}"), image)
    return folder


def pack(archive, folder, *, inside="", compression=zipfile.ZIP_DEFLATED):
    with zipfile.ZipFile(archive, "a", compression) as opened:
        for path in sorted(folder.iterdir()):
            opened.write(path, f"{inside}{path.name}")
    return archive
