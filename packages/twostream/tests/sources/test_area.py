"""Averages of areas by the kernel: OpenCV's own, to the last bit."""

from __future__ import annotations

import platform

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from twostream.sources.area.averages import _averaged, _has_kernel, shrunk
from twostream.sources.area.taps import taps
from twostream.video.resize import resize

FULL_HD, STORED = (1920, 1080), (455, 256)
LIKE_OPENCV = pytest.mark.skipif(
    platform.machine().lower() not in ("x86_64", "amd64"),
    reason="other processors fuse products and sums in OpenCV; there it is used where both agree",
)


@LIKE_OPENCV
@settings(max_examples=60, deadline=None)
@given(
    width=st.integers(16, 90),
    height=st.integers(16, 90),
    of_width=st.floats(0.05, 0.99),
    of_height=st.floats(0.05, 0.99),
    seed=st.integers(0, 1000),
    extreme=st.booleans(),
)
@example(width=60, height=33, of_width=0.5, of_height=1.0, seed=0, extreme=True)
def test_every_pixel_is_the_one_of_opencv(
    width: int, height: int, of_width: float, of_height: float, seed: int, extreme: bool
) -> None:
    rng = np.random.default_rng(seed)
    image = rng.integers(0, 256, (height, width, 3), np.uint8)
    if extreme:
        image = np.where(image < 128, np.uint8(0), np.uint8(255))
    target = max(1, round(width * of_width)), max(1, round(height * of_height))
    if width % target[0] == 0 and height % target[1] == 0:
        return  # whole blocks, which are left to OpenCV
    expected = resize(image, width=target[0], height=target[1])
    np.testing.assert_array_equal(_averaged(image, *target), expected)


@LIKE_OPENCV
def test_the_frames_of_large_videos_take_the_kernel() -> None:
    assert _has_kernel(FULL_HD, STORED)


@pytest.mark.parametrize(
    ("source", "target"),
    [
        (FULL_HD, (960, 540)),  # whole blocks
        (FULL_HD, FULL_HD),
        (FULL_HD, (1920, 1200)),  # higher
        ((100_000, 10), (400, 4)),  # lower than a block of rows
    ],
)
def test_what_the_kernel_is_not_for_is_left_to_opencv(
    source: tuple[int, int], target: tuple[int, int]
) -> None:
    assert not _has_kernel(source, target)


def test_a_large_image_that_is_a_view_of_another_is_shrunk_all_the_same() -> None:
    rng = np.random.default_rng(0)
    image = rng.integers(0, 256, (1080, 1930, 3), np.uint8)[:, 10:]
    assert not image.flags.c_contiguous
    expected = resize(np.ascontiguousarray(image), width=455, height=256)
    np.testing.assert_array_equal(shrunk(image, width=455, height=256), expected)


@given(source=st.integers(1, 3000), share=st.floats(0.001, 1.0))
@settings(max_examples=40, deadline=None)
def test_the_shares_of_each_area_are_those_of_an_average(source: int, share: float) -> None:
    target = max(1, round(source * share))
    found = taps(source, target)
    totals = np.bincount(found.target, weights=found.share, minlength=target)
    np.testing.assert_allclose(totals, 1, atol=2e-3)
    assert (np.diff(found.source) >= 0).all()
    assert (np.diff(found.target) >= 0).all()
