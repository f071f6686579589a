"""Image 1 as the warping reads it: value and gradient interleaved, with nothing around.

Bicubic interpolation takes 4x4 pixels. With I, Ix, Iy and 0 of each pixel side by side, one vector
holds a row of four pixels with all that is known of them: a warped pixel costs four loads and four
multiply-adds for its three values.
"""

from __future__ import annotations

import numpy as np

from twostream.flow.tv_l1.blocks import Floats
from twostream.flow.tv_l1.compilation import kernel

MARGIN = 4
"""Empty pixels around a texture: as far as clamped positions reach."""

CHANNELS = 4


def texture_floats(height: int, width: int) -> int:
    """The length of a texture."""
    return (height + 2 * MARGIN) * (width + 2 * MARGIN) * CHANNELS


@kernel
def fill_texture(texture: Floats, image: Floats, width: int) -> None:
    """Interleave an image, `width` columns of it, with its central differences, inside the margin."""
    height = image.shape[0]
    row_floats = (width + 2 * MARGIN) * CHANNELS
    margin_floats = MARGIN * CHANNELS
    half = np.float32(0.5)
    texture[: MARGIN * row_floats] = 0
    texture[(height + MARGIN) * row_floats : (height + 2 * MARGIN) * row_floats] = 0
    for y in range(height):
        above, here, below = image[max(y - 1, 0)], image[y], image[min(y + 1, height - 1)]
        line = texture[(y + MARGIN) * row_floats : (y + MARGIN + 1) * row_floats]
        line[:margin_floats] = 0
        line[-margin_floats:] = 0
        for x in range(width):
            at = margin_floats + x * CHANNELS
            line[at] = here[x]
            line[at + 1] = half * (here[min(x + 1, width - 1)] - here[max(x - 1, 0)])
            line[at + 2] = half * (below[x] - above[x])
            line[at + 3] = 0
