import numpy as np
import pytest
from hypothesis import given
from hypothesis.extra.numpy import arrays
from hypothesis.strategies import floats, integers
from twostream.flow.motion import MOVING_PX, full_color_px, motion_of

vectors = floats(-50, 50, width=32)


def constant(x, y):
    return np.full((6, 8, 2), (x, y), np.float32)


@pytest.mark.parametrize(
    ("x", "y", "degrees"), [(1, 0, 0), (0, -1, 90), (-1, 0, 180), (0, 1, 270), (1, -1, 45)]
)
def test_directions_are_those_of_a_drawing(x, y, degrees):
    assert motion_of(constant(x, y)).direction_degrees == pytest.approx(degrees)


def test_rest_has_no_direction():
    assert motion_of(constant(0, 0)).direction_degrees is None


def test_what_is_unknown_does_not_count():
    flow = constant(3, 4)
    flow[:3] = np.nan
    assert motion_of(flow).mean_speed_px == 5
    flow[:] = np.nan
    assert motion_of(flow).moving_share == 0


@given(arrays(np.float32, (5, 7, 2), elements=vectors), integers(0, 3))
def test_turning_a_flow_turns_its_direction_and_nothing_else(flow, quarters):
    turned = flow.copy()
    for _ in range(quarters):  # anticlockwise, where y is down
        turned = np.stack([turned[..., 1], -turned[..., 0]], axis=-1)
    before, after = motion_of(flow), motion_of(turned)
    assert after.mean_speed_px == pytest.approx(before.mean_speed_px)
    assert after.moving_share == before.moving_share


def test_full_colour_leaves_out_rest_and_the_fastest_hundredth():
    flow = np.zeros((100, 100, 2), np.float32)
    flow[:10, :, 0] = 3
    flow[0, :5, 0] = 80  # 5 of 1,000 moving pixels
    assert full_color_px([flow]) == 3
    assert full_color_px([np.full((9, 9, 2), 0.1, np.float32)]) == MOVING_PX
