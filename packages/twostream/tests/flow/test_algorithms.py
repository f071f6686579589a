from importlib import import_module
from itertools import pairwise
from unittest.mock import Mock

import numpy as np
import pytest
from twostream.errors import TwostreamError
from twostream.flow import algorithms, dis, farneback, tvl1, tvl1_opencv
from twostream.flow.algorithms import flow_sequence
from twostream.flow.frames import grey

tvl1_flow = import_module("twostream.flow.tv_l1.flow")


@pytest.mark.parametrize(
    ("name", "function"),
    [("tvl1", tvl1), ("dis", dis), ("farneback", farneback), ("tvl1-opencv", tvl1_opencv)],
)
def test_each_name_is_its_function_on_all_pairs(name, function):
    clip = np.random.default_rng(0).integers(0, 256, (3, 20, 24), dtype=np.uint8)
    flows = list(flow_sequence(iter(clip), algorithm=name))
    assert len(flows) == 2
    for k, flow in enumerate(flows):
        np.testing.assert_array_equal(flow, function(clip[k], clip[k + 1]))


@pytest.mark.parametrize("name", ["tvl1", "dis", "farneback", "tvl1-opencv"])
def test_each_frame_becomes_grey_once_whatever_its_kind(name, monkeypatch):
    clip = np.random.default_rng(0).integers(0, 256, (4, 20, 24, 3), dtype=np.uint8)
    mixed = [clip[0], clip[1].astype(np.float32) / 255, clip[2], clip[3]]
    function = {"tvl1": tvl1, "dis": dis, "farneback": farneback, "tvl1-opencv": tvl1_opencv}[name]
    for frames in (list(clip), mixed):
        expected = [function(*pair) for pair in pairwise(frames)]
        counted = Mock(side_effect=grey)
        with monkeypatch.context() as counting:
            for module in (algorithms, tvl1_flow):
                counting.setattr(module, "grey", counted)
            np.testing.assert_array_equal(list(flow_sequence(frames, algorithm=name)), expected)
        assert counted.call_count == len(frames)


def test_a_frame_of_another_size_is_named():
    frames = [np.zeros((40, 40), np.uint8)] * 2 + [np.zeros((40, 41), np.uint8)]
    with pytest.raises(TwostreamError, match="frame 2: expected 40x40 pixels"):
        list(flow_sequence(frames, algorithm="dis"))


def test_an_unknown_name_is_refused():
    with pytest.raises(TwostreamError, match="one of tvl1"):
        flow_sequence([], algorithm="brox")
