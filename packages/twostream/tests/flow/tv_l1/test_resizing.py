import cv2
import numpy as np
import pytest
from twostream.flow.tv_l1.resizing import SPARE, resize, taps


def resized(image, height, width, spacing_y, spacing_x):
    target = np.zeros((height, width), np.float32)
    rows, columns = taps(image.shape[0], height, spacing_y), taps(image.shape[1], width, spacing_x)
    line = np.zeros(image.shape[1] + SPARE, np.float32)
    resize(image, target, rows, columns, (image.shape[1], width), np.float32(1), line)
    return target


@pytest.mark.parametrize("size", [(240, 320), (241, 319), (17, 23), (16, 16)])
def test_shrinking_is_opencvs(size):
    image = np.random.default_rng(0).uniform(0, 255, size).astype(np.float32)
    expected = cv2.resize(image, None, fx=0.8, fy=0.8, interpolation=cv2.INTER_LINEAR)
    np.testing.assert_allclose(resized(image, *expected.shape, 1.25, 1.25), expected, atol=1e-3)


@pytest.mark.parametrize("step", [0.65, 0.45])  # sixteen pixels look at 26, and at more than 32
def test_however_far_apart_they_are_it_is_linear_between_pixels(step):
    image = np.random.default_rng(0).uniform(0, 255, (90, 200)).astype(np.float32)
    height, width = round(90 * step), round(200 * step)
    y, x = ((np.arange(n) + 0.5) / step - 0.5 for n in (height, width))
    at_x = np.array([np.interp(x, np.arange(200), row) for row in image])
    expected = np.array([np.interp(y, np.arange(90), column) for column in at_x.T]).T
    np.testing.assert_allclose(
        resized(image, height, width, 1 / step, 1 / step), expected, atol=1e-3
    )


@pytest.mark.parametrize("size", [(98, 131), (1, 5), (5, 1)])
def test_enlarging_is_opencvs(size):
    image = np.random.default_rng(0).normal(size=size).astype(np.float32)
    height, width = size[0] + 7, size[1] + 9
    expected = cv2.resize(image, (width, height), interpolation=cv2.INTER_LINEAR)
    found = resized(image, height, width, size[0] / height, size[1] / width)
    np.testing.assert_allclose(found, expected, atol=1e-5)
