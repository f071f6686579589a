import cv2
import numpy as np
import pytest
from numba import njit
from twostream.flow.tv_l1.blocks import BLOCK, U1, begin, get_plane
from twostream.flow.tv_l1.median import columns_floats, filter_rows, kept_floats
from twostream.flow.tv_l1.pyramid import Scale, aligned_zeros, scales_of
from twostream.flow.tv_l1.vectors import LANES, load, splat


@njit
def _filter(plane, state, height, width, stride, kept, columns, constants, upward):
    one = splat(np.float32(1))
    begin(state, plane, plane, one)
    valid = load(constants, 80)
    for k in range(0, height, 2):
        top = height - 2 - k if upward else k
        filter_rows(state, U1, top, height, width, stride, kept, columns, valid, upward)
    get_plane(plane, state, U1, one)


def median(image, *, upward=False):
    height, width = image.shape
    scale: Scale = scales_of(height, width, 1, 0.5)[0]
    plane = aligned_zeros(height, scale.stride)
    plane[:, :width] = image
    state = aligned_zeros(height * scale.stride // LANES * BLOCK)
    kept, columns = (aligned_zeros(f(scale.stride)) for f in (kept_floats, columns_floats))
    _filter(
        plane.reshape(-1),
        state,
        height,
        width,
        scale.stride,
        kept,
        columns,
        scale.constants,
        upward,
    )
    assert not plane[:, width:].any(), "the padding must stay zero"
    return plane[:, :width]


@pytest.mark.parametrize(
    "size",
    [(40, 50), (5, 16), (6, 17), (16, 5), (1, 40), (40, 1), (1, 1), (2, 3)]
    + [(9, width) for width in (15, 30, 31, 32, 33, 63, 64, 65)],  # tiles are two pixels wide
)
@pytest.mark.parametrize("levels", [2, 5, 1000])
def test_it_is_the_median_of_25(size, levels):
    random = np.random.default_rng(0)
    image = random.integers(-levels, levels, size).astype(np.float32)
    around = np.pad(image, 2, mode="edge")
    windows = np.lib.stride_tricks.sliding_window_view(around, (5, 5))
    np.testing.assert_array_equal(median(image), np.median(windows, axis=(2, 3)))
    np.testing.assert_array_equal(median(image, upward=True), median(image))


def test_it_is_what_opencv_computes():
    image = np.random.default_rng(1).normal(size=(61, 83)).astype(np.float32)
    np.testing.assert_array_equal(median(image), cv2.medianBlur(image, 5))
