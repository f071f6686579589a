from __future__ import annotations

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from twostream.video.resize import DEFAULT_SHORT_SIDE_PX, resize, stored_size

sides = st.integers(1, 5000)
limits = st.none() | st.integers(16, 1000)


@given(width=sides, height=sides, limit=limits)
def test_never_enlarges(width, height, limit):
    stored = stored_size(width, height, short_side_px=limit)
    assert 1 <= stored[0] <= width
    assert 1 <= stored[1] <= height


@given(width=sides, height=sides, limit=limits)
def test_the_short_side_is_the_limit_or_native(width, height, limit):
    stored = stored_size(width, height, short_side_px=limit)
    assert min(stored) == min(width, height, limit or DEFAULT_SHORT_SIDE_PX)
    if min(width, height) <= (limit or DEFAULT_SHORT_SIDE_PX):
        assert stored == (width, height)


@given(width=sides, height=sides, limit=limits)
def test_the_aspect_is_kept_to_half_a_pixel(width, height, limit):
    stored = stored_size(width, height, short_side_px=limit)
    scale = min(stored) / min(width, height)
    assert abs(max(stored) - max(width, height) * scale) <= 0.5 + 1e-9


@given(width=sides, height=sides, limit=limits)
def test_turning_the_video_turns_the_size(width, height, limit):
    stored = stored_size(width, height, short_side_px=limit)
    assert stored_size(height, width, short_side_px=limit) == stored[::-1]


def test_by_default_only_short_sides_above_256_shrink():
    assert stored_size(340, 256) == (340, 256)
    assert stored_size(1280, 720) == (455, 256)


@pytest.mark.parametrize("size", [(20, 10), (80, 60), (40, 30), (80, 10)])
def test_resizing_keeps_brightness_and_channels(size):
    image = np.full((30, 40, 3), (10, 100, 200), np.uint8)
    resized = resize(image, width=size[0], height=size[1])
    assert resized.shape == (size[1], size[0], 3)
    assert (resized == (10, 100, 200)).all()


def test_shrinking_averages_rather_than_drops():
    stripes = np.zeros((64, 64), np.uint8)
    stripes[:, ::2] = 200
    assert np.abs(resize(stripes, width=16, height=16).astype(int) - 100).max() <= 1


@pytest.mark.parametrize(
    ("height", "width", "little"), [(40, 40, True), (41, 40, False), (30, 30, True)]
)
def test_what_shrinks_by_little_is_interpolated_where_that_is_asked_for(height, width, little):
    image = np.random.default_rng(0).integers(0, 256, (height, width), np.uint8)
    found = resize(image, width=30, height=30, bilinear_to=4 / 3)
    method = cv2.INTER_LINEAR if little else cv2.INTER_AREA
    assert np.array_equal(found, cv2.resize(image, (30, 30), interpolation=method))
    assert np.array_equal(
        resize(image, width=30, height=30),
        cv2.resize(image, (30, 30), interpolation=cv2.INTER_AREA),
    )
