"""A map over the picture that it explains."""

from __future__ import annotations

import cv2
import numpy as np
import numpy.typing as npt

from twostream.flow.colors import flow_to_rgb
from twostream.flow.encoding import decode_flow

Pixels = npt.NDArray[np.uint8]
Floats = npt.NDArray[np.float32]
# As strong as a map gets over the picture, of which something must be seen beneath.
STRONGEST = 0.65


def sample_picture(sample: Pixels, *, bound_px: float) -> Pixels:
    """What people can see of a sample: the frame itself, or the flow in the middle of a stack in colours.

    (S, S, 3) uint8 RGB. Of flow, hue is the direction and white is rest.
    """
    if sample.shape[-1] == 3:
        return sample
    middle = sample.shape[-1] // 4
    codes = sample[..., 2 * middle : 2 * middle + 2]
    return flow_to_rgb(decode_flow(codes, bound_px=bound_px))


def over(picture: Pixels, heat: Floats) -> Pixels:
    """A map (h, w) over a picture (S, S, 3) uint8 RGB: the stronger, the more of the colour, up to red.

    The largest value of the map is the strongest; a map of nothing changes nothing.

    >>> over(np.zeros((4, 4, 3), np.uint8), np.zeros((2, 2), np.float32)).max()
    np.uint8(0)
    """
    height, width = picture.shape[:2]
    large = cv2.resize(heat, (width, height), interpolation=cv2.INTER_LINEAR)
    strength = large / max(float(large.max()), 1e-12)
    colours = cv2.applyColorMap((255 * strength).astype(np.uint8), cv2.COLORMAP_TURBO)[..., ::-1]
    alpha = STRONGEST * strength[..., None]
    blended: Pixels = np.rint((1 - alpha) * picture + alpha * colours).astype(np.uint8)
    return blended


def side_by_side(pictures: list[Pixels], *, gap_px: int = 8) -> Pixels:
    """Pictures of one height beside each other, with white between them."""
    height = pictures[0].shape[0]
    gap = np.full((height, gap_px, 3), 255, np.uint8)
    row: list[Pixels] = []
    for picture in pictures:
        row += [gap, picture] if row else [picture]
    return np.concatenate(row, axis=1)
