"""Flow in the files of KITTI, Spring and PFM: by the definitions of their makers."""

from __future__ import annotations

import struct

import cv2
import h5py
import numpy as np
import pytest
from twostream.errors import TwostreamError
from twostream.flow.files import read_flow, write_flow
from twostream.flow.measures import end_point_error

FLOW = np.random.default_rng(0).normal(scale=9, size=(5, 7, 2)).astype(np.float32)


@pytest.mark.parametrize(("name", "error"), [("a.pfm", 0), ("a.flo5", 0), ("a.kitti.png", 1 / 128)])
def test_numbers_survive_and_what_is_unknown_stays_so(tmp_path, name, error):
    flow = FLOW.copy()
    flow[1, 2] = np.nan
    read = read_flow(write_flow(tmp_path / name, flow))
    assert read.dtype == np.float32
    np.testing.assert_allclose(read, flow, atol=error + 1e-6, rtol=0)
    assert np.isnan(end_point_error(np.zeros_like(read), read)[1, 2])


def test_kitti_is_blue_green_red_with_validity_in_blue(tmp_path):
    image = np.array([[[1, 32768 + 64, 32768 - 128], [0, 5, 5]]], np.uint16)
    cv2.imwrite(str(tmp_path / "a.png"), image)
    np.testing.assert_array_equal(read_flow(tmp_path / "a.png"), [[[-2, 1], [np.nan, np.nan]]])


@pytest.mark.parametrize(("order", "scale"), [("<", b"-1.0"), (">", b"1.0")])
def test_pfm_of_either_byte_order_begins_at_the_bottom(tmp_path, order, scale):
    rows = struct.pack(f"{order}6f", 1, 2, 0, 3, 4, 0)
    (tmp_path / "a.pfm").write_bytes(b"PF\n1 2\n" + scale + b"\n" + rows)
    np.testing.assert_array_equal(read_flow(tmp_path / "a.pfm"), [[[3, 4]], [[1, 2]]])


def test_flo5_is_hdf5_with_a_data_set_called_flow(tmp_path):
    with h5py.File(tmp_path / "a.flo5", "w") as file:
        file["flow"] = FLOW
    np.testing.assert_array_equal(read_flow(tmp_path / "a.flo5"), FLOW)


@pytest.mark.parametrize("name", ["a.png", "a.pfm", "a.flo5"])
@pytest.mark.parametrize("content", [b"", b"junk", b"PF\n1 1\n-1\n\0"])
def test_other_data_is_named(tmp_path, name, content):
    (tmp_path / name).write_bytes(content)
    with pytest.raises(TwostreamError, match=name.replace(".", r"\.")):
        read_flow(tmp_path / name)


def test_colours_are_no_numbers_and_kitti_has_a_range(tmp_path):
    with pytest.raises(TwostreamError, match="do not keep the numbers"):
        read_flow(write_flow(tmp_path / "a.png", FLOW))
    with pytest.raises(TwostreamError, match="up to 600 px"):
        write_flow(tmp_path / "a.kitti.png", np.full((1, 1, 2), 600, np.float32))
