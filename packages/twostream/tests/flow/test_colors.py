import numpy as np
import pytest
from twostream.errors import TwostreamError
from twostream.flow.colors import color_wheel, flow_to_rgb


def vectors(*pairs):
    return np.array([pairs], np.float32)


def test_rest_is_white_and_speed_saturates():
    white, half, full = flow_to_rgb(vectors((0, 0), (1, 0), (2, 0)))[0].astype(int)
    assert white.tolist() == [255, 255, 255]
    assert full.tolist() == [255, 0, 0]  # to the right is red
    assert (full <= half).all()
    assert (half <= white).all()


def test_the_wheel_has_the_published_corners():
    wheel = (color_wheel() * 255).round().astype(int)
    corners = [0, 15, 21, 25, 36, 49]
    assert wheel[corners].tolist() == [
        [255, 0, 0], [255, 255, 0], [0, 255, 0], [0, 255, 255], [0, 0, 255], [255, 0, 255],
    ]  # fmt: skip


def test_down_is_yellow_and_up_is_blue():
    down, up = flow_to_rgb(vectors((0, 1), (0, -1)))[0].astype(int)
    assert down[0] > 200
    assert down[1] > 200
    assert down[2] < 20
    assert up[2] == 255
    assert up[1] < 100


def test_hue_does_not_depend_on_speed_beyond_the_largest_shown():
    inside, beyond = flow_to_rgb(vectors((3, 4), (30, 40)), max_px=5)[0].astype(float)
    np.testing.assert_allclose(beyond, inside * 0.75, atol=1)


def test_zero_flow_is_white_without_warnings():
    assert (flow_to_rgb(np.zeros((3, 4, 2), np.float32)) == 255).all()


def test_unknown_flow_is_black():
    rgb = flow_to_rgb(vectors((np.nan, 0), (np.inf, 1), (1, 0)))[0]
    assert rgb[:2].max() == 0
    assert rgb[2].tolist() == [255, 0, 0]


@pytest.mark.parametrize("shape", [(4, 4), (4, 4, 3)])
def test_other_shapes_are_refused(shape):
    with pytest.raises(TwostreamError, match=r"\(H, W, 2\)"):
        flow_to_rgb(np.zeros(shape, np.float32))


def test_an_impossible_largest_speed_is_refused():
    with pytest.raises(TwostreamError, match="above 0"):
        flow_to_rgb(np.zeros((2, 2, 2), np.float32), max_px=0)
