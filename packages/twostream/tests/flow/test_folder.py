import json

import numpy as np
import pytest
from twostream.errors import TwostreamError
from twostream.flow import decode_flow
from twostream.flow.files import read_flow, read_image
from twostream.flow.folder import RECORD, begin, pair_files, pairs_done, write_pair

FLOW = np.random.default_rng(0).uniform(-3, 3, (16, 24, 2)).astype(np.float32)
MADE = {"source_sha256": "0" * 64, "algorithm": "dis"}


def filled(folder, kind="jpg", pairs=3):
    begin(folder, MADE)
    for index in range(1, pairs + 1):
        write_pair(folder, kind, index, FLOW, bound_px=20)
    return folder


@pytest.mark.parametrize("kind", ["jpg", "flo", "npy", "png"])
def test_pairs_that_are_there_are_counted(tmp_path, kind):
    assert pairs_done(tmp_path / "new", kind, MADE) == 0
    assert pairs_done(filled(tmp_path / "flows", kind), kind, MADE) == 3


@pytest.mark.parametrize("component", [0, 1])
@pytest.mark.parametrize("missing", [True, False])
def test_counting_ends_at_the_first_pair_that_is_not_whole(tmp_path, component, missing):
    filled(tmp_path)
    path = pair_files(tmp_path, "jpg", 2)[component]
    path.unlink()
    if not missing:
        path.touch()  # as a power cut leaves it
    assert pairs_done(tmp_path, "jpg", MADE) == 1


def test_numbers_survive_and_codes_are_the_components(tmp_path):
    write_pair(tmp_path, "flo", 1, FLOW, bound_px=20)
    np.testing.assert_array_equal(read_flow(tmp_path / "flow_00001.flo"), FLOW)
    for value in (-7.0, 4.0):
        write_pair(tmp_path, "jpg", 1, np.full_like(FLOW, (value, -value)), bound_px=10)
        for path, expected in zip(pair_files(tmp_path, "jpg", 1), (value, -value), strict=True):
            decoded = decode_flow(read_image(path)[..., 0], bound_px=10)
            assert np.abs(decoded - expected).max() < 0.1


@pytest.mark.parametrize("content", ["", "{", "[]", json.dumps({**MADE, "algorithm": "tvl1"})])
def test_flows_that_nothing_or_something_else_tells_about_are_refused(tmp_path, content):
    (filled(tmp_path) / RECORD).write_text(content)
    with pytest.raises(TwostreamError, match="choose another --out"):
        pairs_done(tmp_path, "jpg", MADE)


def test_other_files_do_not_matter(tmp_path):
    (tmp_path / "notes.txt").write_text("mine")
    assert pairs_done(tmp_path, "jpg", MADE) == 0
