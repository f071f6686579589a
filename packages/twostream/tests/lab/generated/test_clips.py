from __future__ import annotations

import numpy as np
import pytest
from twostream.errors import TwostreamError
from twostream.lab.generated.actions import CLASSES
from twostream.lab.generated.clips import render_clip
from twostream.lab.generated.sheet import contact_sheet

SMALL = {"width_px": 64, "height_px": 48}


@pytest.mark.parametrize("name", CLASSES)
def test_shape_and_content(name):
    frames = render_clip(name, seed=0, group=1, clip=1, **SMALL)
    assert frames.dtype == np.uint8
    assert 26 <= len(frames) <= 34
    assert frames.shape[1:] == (48, 64, 3)
    assert frames.std() > 10
    assert np.abs(np.diff(frames.astype(int), axis=0)).max() > 30


def test_same_arguments_give_the_same_pixels():
    first = render_clip("approach", seed=4, group=2, clip=3, **SMALL)
    render_clip("sit_down", seed=5, group=1, clip=1, **SMALL)
    assert np.array_equal(first, render_clip("approach", seed=4, group=2, clip=3, **SMALL))


@pytest.mark.parametrize("change", [{"seed": 5}, {"group": 3}, {"clip": 4}])
def test_other_arguments_give_other_pixels(change):
    arguments = {"seed": 4, "group": 2, "clip": 3, **SMALL}
    first = render_clip("approach", **arguments)
    second = render_clip("approach", **{**arguments, **change})
    assert first.shape != second.shape or not np.array_equal(first, second)


def test_clips_of_a_group_share_their_look():
    def colours(group, clip):
        frames = render_clip("wave_slow", seed=1, group=group, clip=clip, **SMALL)
        hue = frames.astype(float).mean(axis=(0, 1, 2))
        return hue / hue.sum()

    within = [np.abs(colours(g, 1) - colours(g, 2)).sum() for g in range(1, 7)]
    between = [np.abs(colours(g, 1) - colours(g + 1, 1)).sum() for g in range(1, 7)]
    assert np.mean(within) < np.mean(between)


def test_unknown_class_is_named():
    with pytest.raises(TwostreamError, match="juggle"):
        render_clip("juggle", seed=0, group=1, clip=1)


def test_tiny_frames_are_refused():
    with pytest.raises(TwostreamError, match="16x16"):
        render_clip("sit_down", seed=0, group=1, clip=1, width_px=16, height_px=16)


def test_contact_sheet_has_a_row_per_class():
    sheet = contact_sheet(
        classes=CLASSES[:3], groups=(1, 2), frames_per_clip=3, width_px=64, height_px=48
    )
    assert sheet.dtype == np.uint8
    assert sheet.shape == (3 * (48 + 16), 3 * 66, 3)
