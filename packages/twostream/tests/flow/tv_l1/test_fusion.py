"""Which of two flows is taken where."""

import numpy as np
from twostream.flow import tvl1
from twostream.flow.scenes import NaturalTexture
from twostream.flow.tv_l1.fusion import fuse
from twostream.flow.tv_l1.parameters import TVL1Parameters
from twostream.flow.tv_l1.pyramid import Workspace, aligned_zeros

HEIGHT, WIDTH, STRIDE = 40, 60, 64
LAMBDA = 0.15


def plane(values):
    padded = aligned_zeros(HEIGHT, STRIDE)
    padded[:, :WIDTH] = values
    return padded


def halves(left, right):
    return np.where(np.arange(WIDTH) < WIDTH // 2, left, right) * np.ones((HEIGHT, 1))


def pair():
    """A texture that moves by 3 px in the left half and by -2 px in the right half."""
    y, x = np.mgrid[:HEIGHT, :WIDTH].astype(float)
    texture = NaturalTexture(3, shortest_px=4, longest_px=40)
    return plane(texture(x, y)), plane(texture(x - halves(3, -2), y))


def fused(first, second):
    images, (u1, u2) = pair(), (plane(first), plane(0))
    fuse(*images, WIDTH, u1, u2, plane(second), plane(0), LAMBDA)
    assert not u1[:, WIDTH:].any(), "the padding must stay zero"
    assert not u2.any()
    return u1[:, :WIDTH]


def test_each_flow_is_taken_where_it_explains_the_images():
    flow = fused(first=3, second=-2)
    assert (flow == halves(3, -2))[:, 5:-5].mean() > 0.95
    assert np.isin(flow, (3, -2)).all()


def test_a_flow_that_is_right_everywhere_stays():
    kept = fused(halves(3, -2), 0) == halves(3, -2)
    kept[:, WIDTH // 2 - 5 : WIDTH // 2 + 5] = (
        True  # the edge between both has an energy of its own
    )
    assert kept.all()


def test_what_is_hardly_better_is_not_taken():
    kept = fused(first=8, second=8.01) == 8
    assert kept[:, :-12].all()  # by 8 px from the right border the flow leads out of the image


def test_without_a_coarser_scale_there_is_nothing_to_fuse(swirl):
    pair = [frame[:40, :48] for frame in swirl[:2]]
    expected = tvl1(*pair, scales=3)
    for restart in (2, 3, 10**6):
        np.testing.assert_array_equal(tvl1(*pair, scales=3, restart=restart), expected)
    assert not np.array_equal(tvl1(*pair, scales=3, restart=1), expected)


def test_what_an_earlier_pair_left_does_not_matter(swirl):
    one = Workspace(*swirl[0].shape, TVL1Parameters.preset("deep"))
    images = one.new_images(), one.new_images()
    flows = []
    for pair in (swirl[:2], swirl[1::-1], swirl[:2]):
        for space, frame in zip(images, pair, strict=True):
            one.fill(space, frame)
        flows.append(one.flow(*images))
    np.testing.assert_array_equal(flows[0], flows[2])
