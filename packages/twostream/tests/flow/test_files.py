import numpy as np
import pytest
from twostream.errors import TwostreamError
from twostream.flow.files import read_flow, read_image, write_flow, write_image

FLOW = np.random.default_rng(0).normal(size=(5, 7, 2)).astype(np.float32)


@pytest.mark.parametrize("suffix", [".flo", ".npy", ".FLO"])
def test_numbers_survive(tmp_path, suffix):
    path = write_flow(tmp_path / f"a{suffix}", FLOW)
    np.testing.assert_array_equal(read_flow(path), FLOW)


def test_colours_are_a_picture(tmp_path):
    assert read_image(write_flow(tmp_path / "ä.png", FLOW)).shape == (5, 7, 3)


def test_a_picture_keeps_its_colours(tmp_path):
    rgb = np.random.default_rng(0).integers(0, 256, (5, 7, 3), dtype=np.uint8)
    np.testing.assert_array_equal(read_image(write_image(tmp_path / "a.png", rgb)), rgb)


def test_other_suffixes_are_refused(tmp_path):
    with pytest.raises(TwostreamError, match="ends in"):
        write_flow(tmp_path / "a.txt", FLOW)
    with pytest.raises(TwostreamError, match=r"as \.flo"):
        read_flow(tmp_path / "a.png")


@pytest.mark.parametrize("content", [b"", b"junk", b"\x93NUMPY"])
def test_damaged_arrays_are_named(tmp_path, content):
    path = tmp_path / "a.npy"
    path.write_bytes(content)
    with pytest.raises(TwostreamError, match=r"a\.npy"):
        read_flow(path)


def test_arrays_of_another_shape_are_refused(tmp_path):
    np.save(tmp_path / "a.npy", FLOW[..., 0])
    with pytest.raises(TwostreamError, match=r"shape \(5, 7\)"):
        read_flow(tmp_path / "a.npy")


@pytest.mark.parametrize("content", [None, b"", b"junk"])
def test_pictures_that_are_none_are_named(tmp_path, content):
    path = tmp_path / "a.png"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(TwostreamError, match=r"a\.png"):
        read_image(path)
