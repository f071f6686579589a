import struct

import numpy as np
import pytest
from twostream.errors import TwostreamError
from twostream.flow.flo import read_flo, write_flo


def test_what_is_written_is_read(tmp_path):
    flow = np.random.default_rng(0).normal(size=(5, 7, 2)).astype(np.float32)
    read = read_flo(write_flo(tmp_path / "a.flo", flow))
    np.testing.assert_array_equal(read, flow)
    assert read.flags.writeable


def test_the_layout_is_the_published_one(tmp_path):
    path = write_flo(tmp_path / "a.flo", np.float32([[[1, 2], [3, 4]]]))
    assert path.read_bytes() == struct.pack("<fii4f", 202021.25, 2, 1, 1, 2, 3, 4)


def test_strided_and_read_only_flow_is_written(tmp_path):
    flow = np.zeros((2, 5, 7), np.float32).transpose(1, 2, 0)
    flow.flags.writeable = False
    assert read_flo(write_flo(tmp_path / "a.flo", flow)).shape == (5, 7, 2)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "an empty file"),
        (b"PIEH", "starts with PIEH"),
        (b"JUNKJUNKJUNKJUNK", "starts with PIEH"),
        (struct.pack("<fii", 202021.25, -1, 4), "-1x4"),
        (struct.pack("<fii", 202021.25, 2, 1) + bytes(15), "27 bytes"),
        (struct.pack("<fii", 202021.25, 2, 1) + bytes(17), "29 bytes"),
    ],
)
def test_damaged_files_are_named(tmp_path, content, message):
    path = tmp_path / "damaged.flo"
    path.write_bytes(content)
    with pytest.raises(TwostreamError, match=message) as caught:
        read_flo(path)
    assert str(path) in str(caught.value)


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(TwostreamError, match=r"missing\.flo"):
        read_flo(tmp_path / "missing.flo")


def test_flow_of_another_shape_is_not_written(tmp_path):
    with pytest.raises(TwostreamError, match=r"shape \(5, 7\)"):
        write_flo(tmp_path / "a.flo", np.zeros((5, 7), np.float32))
    assert not list(tmp_path.iterdir())
