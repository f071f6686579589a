import cv2
import numpy as np
import pytest
from twostream.errors import TwostreamError
from twostream.flow.frames import grey, grey_pair


def test_rgb_becomes_the_luma_that_opencv_computes():
    rgb = np.random.default_rng(0).integers(0, 256, (40, 50, 3), dtype=np.uint8)
    np.testing.assert_array_equal(grey(rgb), cv2.cvtColor(rgb, cv2.COLOR_RGB2GRAY))


def test_floats_in_0_to_1_are_scaled_and_everything_else_is_refused():
    image = np.linspace(0, 1, 12).reshape(3, 4)
    np.testing.assert_allclose(grey(image), image * 255, rtol=1e-6)
    with pytest.raises(TwostreamError, match=r"divide a 0\.\.255 image by 255"):
        grey(image * 255)


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
def test_nan_and_infinity_are_refused(bad):
    image = np.zeros((3, 4), np.float32)
    image[1, 1] = bad
    with pytest.raises(TwostreamError, match="without NaN or infinity"):
        grey(image)


@pytest.mark.parametrize("shape", [(), (4,), (0, 4), (4, 0), (2, 3, 4), (1, 2, 3, 3)])
def test_other_shapes_are_refused(shape):
    with pytest.raises(TwostreamError, match="shape"):
        grey(np.zeros(shape, np.uint8))


@pytest.mark.parametrize("dtype", [np.int32, np.uint16, np.bool_, np.complex64])
def test_other_dtypes_are_refused(dtype):
    with pytest.raises(TwostreamError, match="dtype"):
        grey(np.zeros((3, 4), dtype))


def test_frames_of_different_sizes_are_refused():
    with pytest.raises(TwostreamError, match=r"7x5.*5x7"):
        grey_pair(np.zeros((5, 7), np.uint8), np.zeros((7, 5), np.uint8))
