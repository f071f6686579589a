"""Colour jitter, for frames only: what a flow's codes mean must not change."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Pixels = npt.NDArray[np.uint8]
LUMA = np.asarray([0.299, 0.587, 0.114])  # ITU-R BT.601


def jitter_colors(frame: Pixels, *, strength: float, rng: np.random.Generator) -> Pixels:
    """A frame (H, W, 3) uint8 RGB with brightness, contrast and saturation changed at random.

    Each is multiplied by a factor drawn evenly from ``1 - strength`` to ``1 + strength``; 0 leaves the
    frame as it is. Hue stays: what colour a thing has may be what tells a class.

    >>> grey = np.full((1, 1, 3), 100, np.uint8)
    >>> bool((jitter_colors(grey, strength=0.0, rng=np.random.default_rng(0)) == grey).all())
    True
    """
    import cv2

    if strength == 0.0:
        return frame
    brightness, contrast, saturation = rng.uniform(1.0 - strength, 1.0 + strength, size=3)
    # All three are affine in the pixel, so they are one matrix and one offset.
    mean = float(np.asarray(cv2.mean(frame)[:3]) @ LUMA)
    saturate = saturation * np.eye(3) + (1.0 - saturation) * LUMA[None, :]
    matrix = brightness * contrast * saturate
    offset = brightness * (1.0 - contrast) * mean
    # Ends at 0 and 255; in fixed point, so that a value may be off by 0.8 instead of 0.5.
    changed: Pixels = cv2.transform(frame, np.column_stack([matrix, np.full(3, offset)]))
    return changed
