import numpy as np
import pytest
from twostream.errors import TwostreamError
from twostream.flow.opencv import dis, farneback, tvl1_opencv

algorithms = pytest.mark.parametrize("algorithm", [dis, farneback, tvl1_opencv])


def shifted_pair(height=60, width=80, shift=1.5):
    y, x = np.mgrid[:height, :width]

    def wave(x):
        return 128 + 50 * np.sin(x / 5) + 50 * np.cos(y / 6 + x / 9)

    return wave(x).astype(np.uint8), wave(x - shift).astype(np.uint8)


@algorithms
def test_a_shift_is_found_with_its_sign(algorithm):
    flow = algorithm(*shifted_pair())
    assert flow.dtype == np.float32
    assert flow.shape == (60, 80, 2)
    assert np.median(flow[10:-10, 10:-10, 0]) == pytest.approx(1.5, abs=0.25)
    assert np.median(flow[10:-10, 10:-10, 1]) == pytest.approx(0, abs=0.25)


@algorithms
@pytest.mark.parametrize("size", [(1, 1), (1, 30), (30, 1), (2, 2), (5, 7), (11, 13), (15, 64)])
def test_small_images_work(algorithm, size):
    random = np.random.default_rng(0)
    frames = random.integers(0, 256, (2, *size), dtype=np.uint8)
    flow = algorithm(*frames)
    assert flow.shape == (*size, 2)
    assert np.isfinite(flow).all()


@algorithms
def test_small_images_leave_no_trace(algorithm):
    expected = algorithm(*shifted_pair())
    algorithm(*shifted_pair(20, 20))
    np.testing.assert_array_equal(algorithm(*shifted_pair()), expected)


@algorithms
def test_constant_images_have_zero_flow(algorithm):
    black, grey = np.zeros((40, 50), np.uint8), np.full((40, 50), 77, np.uint8)
    assert not algorithm(black, black).any()
    assert not algorithm(black, grey).any()


@algorithms
def test_strides_writeability_and_colour_do_not_matter(algorithm):
    frame0, frame1 = shifted_pair()
    expected = algorithm(frame0, frame1)
    strided = np.asfortranarray(frame0), np.repeat(frame1, 2, axis=1)[:, ::2]
    for frame in strided:
        frame.flags.writeable = False
    np.testing.assert_array_equal(algorithm(*strided), expected)
    colour = [np.repeat(frame[..., None], 3, axis=2) for frame in (frame0, frame1)]
    np.testing.assert_array_equal(algorithm(*colour), expected)


@algorithms
def test_frames_of_different_sizes_are_refused(algorithm):
    with pytest.raises(TwostreamError, match="frames of one size"):
        algorithm(np.zeros((5, 7), np.uint8), np.zeros((7, 5), np.uint8))
