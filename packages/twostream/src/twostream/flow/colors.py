"""Flow as a picture: direction as hue on the Middlebury colour wheel, speed as saturation."""

from __future__ import annotations

import functools

import numpy as np
from numpy.typing import NDArray

from twostream.errors import TwostreamError

# The wheel: from each colour to the next one, in how many steps. The numbers make equal angles look
# about equally different (Baker et al. 2011, after colour circles of human perception).
_WHEEL = (
    ((255, 0, 0), 15),  # red to yellow
    ((255, 255, 0), 6),  # yellow to green
    ((0, 255, 0), 4),  # green to cyan
    ((0, 255, 255), 11),  # cyan to blue
    ((0, 0, 255), 13),  # blue to magenta
    ((255, 0, 255), 6),  # magenta to red
)
SMALLEST_WITH_LEGEND = 64
_BEYOND = 0.75  # motion beyond the largest shown is darkened to this


@functools.cache
def color_wheel() -> NDArray[np.float32]:
    """The 55 colours of the wheel, float32 `(55, 3)` in 0..1, red first.

    >>> color_wheel().shape
    (55, 3)
    """
    colors = []
    for index, (start, steps) in enumerate(_WHEEL):
        end = _WHEEL[(index + 1) % len(_WHEEL)][0]
        for step in range(steps):
            # Whole 8-bit levels, rounded down, as in the published wheel.
            rise = 255 * step // steps
            colors.append(
                [
                    a if a == b else (rise if b else 255 - rise)
                    for a, b in zip(start, end, strict=True)
                ]
            )
    wheel = np.array(colors, np.float32) / np.float32(255)
    wheel.flags.writeable = False
    return wheel


def flow_to_rgb(flow: NDArray[np.floating], *, max_px: float | None = None) -> NDArray[np.uint8]:
    """Colour-code flow: hue is the direction, saturation the speed, white is rest.

    Parameters
    ----------
    flow
        `(H, W, 2)`, pixels, x to the right, y down. NaN and infinity (unknown flow) become black.
    max_px
        The speed of full saturation; faster motion is darkened. None takes the fastest motion of
        this flow; give a number to compare pictures or to colour a video.

    Returns
    -------
    uint8 `(H, W, 3)`, RGB.

    Raises
    ------
    TwostreamError
        Another shape, or `max_px` not above 0.

    References
    ----------
    Baker, Scharstein, Lewis, Roth, Black, Szeliski: A Database and Evaluation Methodology for
    Optical Flow. IJCV 92, 2011. doi:10.1007/s11263-010-0390-2

    Examples
    --------
    >>> flow_to_rgb(np.array([[[0, 0], [2, 0], [-2, 0]]], np.float32))[0].tolist()
    [[255, 255, 255], [255, 0, 0], [0, 209, 255]]
    """
    field = np.asarray(flow, dtype=np.float32)
    if field.ndim != 3 or field.shape[2] != 2:
        raise TwostreamError(
            "flow", expected="shape (H, W, 2)", found=f"{field.shape}", remedy="stack x and y last"
        )
    if max_px is not None and not max_px > 0:
        raise TwostreamError(
            "max_px", expected="a speed above 0", found=f"{max_px}", remedy="give pixels, or None"
        )
    known: NDArray[np.bool_] = np.asarray(np.isfinite(field).all(axis=2))
    field = np.where(known[..., None], field, np.float32(0))
    speed = np.hypot(field[..., 0], field[..., 1])
    fastest = float(speed.max(initial=0)) if max_px is None else max_px
    speed = speed / np.float32(fastest or 1)

    wheel = color_wheel()
    turn = np.arctan2(-field[..., 1], -field[..., 0]) / np.float32(np.pi)  # -1..1
    position = (turn + 1) / 2 * (len(wheel) - 1)
    before = position.astype(np.int64)
    after = (before + 1) % len(wheel)
    share = (position - before)[..., None]
    hue = (1 - share) * wheel[before] + share * wheel[after]

    inside = (speed <= 1)[..., None]
    colors = np.where(inside, 1 - speed[..., None] * (1 - hue), hue * np.float32(_BEYOND))
    colors[~known] = 0
    rgb: NDArray[np.uint8] = np.floor(255 * colors).astype(np.uint8)
    return rgb


def draw_legend(image: NDArray[np.uint8], *, max_px: float) -> NDArray[np.uint8]:
    """A picture of flow with the colour wheel in its lower right corner and the speed at the wheel's rim.

    `image` is uint8 `(H, W, 3)`, RGB, and is not changed. Pictures of fewer than 64 pixels a side are too
    small for a legend, and stay as they are.

    >>> draw_legend(np.full((80, 100, 3), 255, np.uint8), max_px=4.2).shape
    (80, 100, 3)
    """
    import cv2

    height, width = image.shape[:2]
    if min(height, width) < SMALLEST_WITH_LEGEND:
        return image
    radius = max(10, min(height, width) // 12)
    drawn = image.copy()
    y, x = np.mgrid[-radius : radius + 1, -radius : radius + 1].astype(np.float32)
    wheel = flow_to_rgb(np.stack([x, y], axis=-1), max_px=radius)
    rim = radius + 1.5
    bottom, right = height - 4, width - 4
    place = drawn[bottom - len(wheel) : bottom, right - len(wheel) : right]
    place[np.hypot(x, y) <= rim] = 60
    inside = np.hypot(x, y) <= radius
    place[inside] = wheel[inside]
    scale = radius / 30
    text = f"{max_px:.3g} px"
    (length, rise), _ = cv2.getTextSize(text, cv2.FONT_HERSHEY_SIMPLEX, scale, 1)
    corner = (right - len(wheel) - length - 4, bottom - radius + rise // 2)
    for color, thickness in ((255, 3), (0, 1)):
        cv2.putText(
            drawn,
            text,
            corner,
            cv2.FONT_HERSHEY_SIMPLEX,
            scale,
            [color] * 3,
            thickness,
            cv2.LINE_AA,
        )
    return drawn
