"""Small pictures of the flow that networks see, for the corner of an overlay."""

from __future__ import annotations

from collections.abc import Iterator

import cv2
import numpy as np
import numpy.typing as npt

from twostream.errors import TwostreamError
from twostream.flow.colors import flow_to_rgb
from twostream.flow.encoding import decode_flow
from twostream.store.source import ClipSource

Pixels = npt.NDArray[np.uint8]
SHORT_SIDE_PX = 108
# Few motions come near the largest that is stored, and in small pictures none.
FULL_SHARE, USUAL_SIDE_PX = 0.25, 240


def flow_insets(
    clip: ClipSource,
    *,
    bound_px: float,
    end_s: float,
    every_s: float = 0.125,
    short_side_px: int = SHORT_SIDE_PX,
) -> Iterator[tuple[float, Pixels]]:
    """Pictures (seconds, (H, W, 3) uint8 RGB) of the flow of a clip, so many seconds apart, until `end_s`.

    They are no larger than the flow itself, and their short side is at most `short_side_px`.
    Hue is the direction, white is rest; full colour is a quarter of `bound_px`, the largest motion that is
    stored, and less in pictures smaller than usual. A flow that cannot be had, as in a video that ends
    early, ends them.
    """
    fps = clip.facts.fps
    step = max(round(every_s * fps), 1)
    for k in range(0, max(int(end_s * fps), 0), step):
        try:
            x, y = next(clip.flows(k, k + 1))
        except TwostreamError:
            return
        field = decode_flow(np.stack([x, y], axis=-1), bound_px=bound_px)
        side = min(field.shape[:2])
        full_px = FULL_SHARE * bound_px * min(side / USUAL_SIDE_PX, 1.0)
        scale = short_side_px / side
        if scale < 1:
            size = (round(field.shape[1] * scale), round(field.shape[0] * scale))
            field = cv2.resize(field, size, interpolation=cv2.INTER_AREA)
        yield k / fps, flow_to_rgb(field, max_px=full_px)
