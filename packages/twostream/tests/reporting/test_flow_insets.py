"""Pictures of flow for the corner of an overlay."""

from __future__ import annotations

import numpy as np
from twostream.reporting.flow_insets import SHORT_SIDE_PX, flow_insets
from twostream.sources.frames import FramesClip
from twostream.sources.specification import FlowSpecification


def test_flow_is_shown_so_often_in_the_colour_of_its_direction():
    noise = np.random.default_rng(0).integers(0, 255, (120, 260, 3), np.uint8)
    noise = noise.repeat(2, axis=0).repeat(2, axis=1)
    frames = [np.ascontiguousarray(noise[:, 60 - 2 * k : 360 - 2 * k]) for k in range(11)]
    clip = FramesClip(frames, FlowSpecification(algorithm="dis"), fps=10)
    found = list(flow_insets(clip, bound_px=20.0, end_s=5.0, every_s=0.3))
    assert [seconds for seconds, _ in found] == [0.0, 0.3, 0.6, 0.9]
    picture = found[1][1]
    assert min(picture.shape[:2]) == SHORT_SIDE_PX
    red, green, blue = np.median(picture.reshape(-1, 3), axis=0)
    assert red > green + 30  # to the right
    assert red > blue + 30
