import numpy as np
import pytest
from twostream.errors import TwostreamError
from twostream.flow import dis, farneback, tvl1, tvl1_opencv
from twostream.flow.algorithms import flow_sequence


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


def test_an_unknown_name_is_refused():
    with pytest.raises(TwostreamError, match="one of tvl1"):
        flow_sequence([], algorithm="brox")
