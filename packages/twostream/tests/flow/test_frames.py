import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from twostream.errors import TwostreamError
from twostream.flow.frames import grey, grey_pair


def luma(rgb):
    """BT.601 in fixed point of 15 bits, as stores and flows of version 0.1 have it."""
    red, green, blue = np.moveaxis(rgb.astype(np.uint32), -1, 0)
    return ((9798 * red + 19235 * green + 3735 * blue + (1 << 14)) >> 15).astype(np.uint8)


def test_all_16_million_colours_become_luma_to_the_bit():
    green, blue = np.mgrid[:256, :256].astype(np.uint8)
    for red in range(256):
        rgb = np.dstack([np.full_like(green, red), green, blue])
        np.testing.assert_array_equal(grey(rgb), luma(rgb))


@given(
    hnp.arrays(np.uint8, st.tuples(st.integers(1, 70), st.integers(1, 70), st.just(3))),
    st.sampled_from(["as it is", "turned", "reversed", "channels reversed", "every second"]),
)
def test_neither_size_nor_strides_matter_and_the_frame_stays(frame, way):
    rgb = {
        "as it is": frame,
        "turned": frame.swapaxes(0, 1),
        "reversed": frame[::-1, ::-1],
        "channels reversed": frame[..., ::-1],
        "every second": frame[::2, ::2],
    }[way]
    rgb.flags.writeable = False
    before = rgb.copy()
    np.testing.assert_array_equal(grey(rgb), luma(before))
    np.testing.assert_array_equal(rgb, before)


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
