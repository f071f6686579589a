"""The fused, blocked, vectorised iteration against the mathematics written down plainly."""

import numpy as np
import pytest
from twostream.flow.tv_l1.probe import iterate_only, iteration_nanoseconds
from twostream.flow.tv_l1.pyramid import aligned_zeros, scales_of
from twostream.flow.tv_l1.vectors import LANES

THETA, TAU = 0.3, 0.25
# The unit of the state is θ/τ pixels, for flow, offset and reach.
PER_PIXEL = np.where(np.isin(np.arange(10), [0, 1, 8, 9]), TAU / THETA, 1)[:, None, None]


def plain_iteration(fields):
    """One iteration of the paper on images `(10, H, W)`, in the order of the blocks, in float64."""
    u, p, (n1, n2, offset, reach) = fields[:2], fields[2:6], fields[6:]
    step = np.clip(offset + n1 * u[0] + n2 * u[1], -reach, reach)
    old = u.copy()
    for d, normal in enumerate((n1, n2)):
        px, py = p[2 * d], p[2 * d + 1]
        divergence = np.diff(px, axis=1, prepend=0) + np.diff(py, axis=0, prepend=0)
        u[d] += THETA * divergence - step * normal
    for d in range(2):
        x = np.diff(u[d], axis=1, append=u[d][:, -1:])
        y = np.diff(u[d], axis=0, append=u[d][-1:])
        divisor = 1 + TAU / THETA * np.hypot(x, y)
        p[2 * d] = (p[2 * d] + TAU / THETA * x) / divisor
        p[2 * d + 1] = (p[2 * d + 1] + TAU / THETA * y) / divisor
    return ((u - old) ** 2).sum()


def random_fields(height, width):
    random = np.random.default_rng(0)
    angle = random.uniform(0, 2 * np.pi, (height, width))
    p = random.uniform(-0.5, 0.5, (4, height, width))
    p[0::2, :, -1] = 0  # as every iteration leaves them
    p[1::2, -1] = 0
    return np.concatenate(
        [
            random.normal(size=(2, height, width)),
            p,
            [np.cos(angle), np.sin(angle)],
            random.normal(size=(1, height, width)),
            random.uniform(0, 1, (1, height, width)),
        ]
    )


def packed(fields):
    _, height, width = fields.shape
    stride = -(-width // LANES) * LANES
    padded = np.pad(fields * PER_PIXEL, ((0, 0), (0, 0), (0, stride - width)))
    blocks = padded.reshape(10, height, stride // LANES, LANES).transpose(1, 2, 0, 3)
    state = aligned_zeros(blocks.size)
    state[:] = blocks.reshape(-1)
    return state


def unpacked(state, height, width):
    blocks = state.reshape(height, -1, 10, LANES).transpose(2, 0, 1, 3)
    planes = blocks.reshape(10, height, -1)
    assert not planes[:, :, width:].any(), "the padding must stay zero"
    return planes[:, :, :width] / PER_PIXEL


@pytest.mark.parametrize("size", [(20, 37), (9, 16), (9, 17), (1, 40), (40, 1), (1, 1), (2, 2)])
@pytest.mark.parametrize("count", [1, 2, 7])
@pytest.mark.parametrize(("upward", "band"), [(False, 1), (True, 1), (False, 3), (True, 2)])
def test_a_wave_is_the_paper_iterated(size, count, upward, band):
    height, width = size
    fields = random_fields(height, width)
    state = packed(fields)
    constants = scales_of(height, width, 1, 0.5)[0].constants
    change = iterate_only(state, height, constants, TAU, count, upward, band)
    for _ in range(count):
        expected = plain_iteration(fields)
    np.testing.assert_allclose(unpacked(state, height, width), fields, atol=2e-3)
    np.testing.assert_allclose(change * (THETA / TAU) ** 2, expected, rtol=1e-2, atol=1e-6)


# The second one asks for rows ahead, the third has rows of several parts.
@pytest.mark.parametrize("size", [(30, 50), (200, 200), (20, 700)])
@pytest.mark.parametrize("band", [1, 4])
def test_a_wave_of_many_is_many_waves_of_one_up_or_down_to_the_last_bit(size, band):
    height, width = size
    fields = random_fields(height, width)
    down, up, apart, turning = (packed(fields) for _ in range(4))
    constants = scales_of(height, width, 1, 0.5)[0].constants
    last_down = iterate_only(down, height, constants, TAU, 9, False, band)
    last_up = iterate_only(up, height, constants, TAU, 9, True, band)
    for k in range(9):
        last = iterate_only(apart, height, constants, TAU, 1, False)
        iterate_only(turning, height, constants, TAU, 1, k % 2 == 1)
    np.testing.assert_array_equal(down, apart)
    np.testing.assert_array_equal(up, apart)
    np.testing.assert_array_equal(turning, apart)
    np.testing.assert_allclose([last_down, last_up], last, rtol=1e-6)


def test_its_cost_can_be_measured():
    assert 0 < iteration_nanoseconds(16, 32, repeats=3) < 1e5
