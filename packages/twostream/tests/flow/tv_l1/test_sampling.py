"""Image 1 and its gradient where the flow leads, against bicubic interpolation written down plainly."""

import numpy as np
import pytest
from numba import njit
from twostream.flow.tv_l1.blocks import BLOCK, begin
from twostream.flow.tv_l1.pyramid import aligned_zeros, scales_of
from twostream.flow.tv_l1.texture import fill_texture, texture_floats
from twostream.flow.tv_l1.vectors import LANES, load, splat, store
from twostream.flow.tv_l1.warping import SCRATCH_ROWS, sample_row, sampled

HEIGHT, WIDTH = 23, 75


@njit
def _sample(texture, u1, u2, state, constants, scratch, found, height, width):
    one = splat(np.float32(1))
    begin(state, u1, u2, one)
    stride = u1.size // height
    cubic, ramp = constants[: 4 * LANES], load(constants, 64)
    for y in range(height):
        at = y * (stride // LANES) * BLOCK
        sample_row(texture, y, height, width, state, at, stride, ramp, cubic, one, scratch, False)
        for x in range(0, stride, LANES):
            value, slope_x, slope_y = sampled(scratch, stride, x)
            store(found[0], y * stride + x, value)
            store(found[1], y * stride + x, slope_x)
            store(found[2], y * stride + x, slope_y)


def found_at(image, u):
    """Value and gradient, `(3, H, W)`, of `image` at every pixel moved by `u`, `(2, H, W)`."""
    height, width = image.shape
    scale = scales_of(height, width, 1, 0.5)[0]
    plane, u1, u2 = (aligned_zeros(height, scale.stride) for _ in range(3))
    plane[:, :width], u1[:, :width], u2[:, :width] = image, *u
    texture = aligned_zeros(texture_floats(height, width) + LANES)
    fill_texture(texture, plane, width)
    found = aligned_zeros(3, plane.size)
    state = aligned_zeros(height * scale.stride // LANES * BLOCK)
    scratch = aligned_zeros(SCRATCH_ROWS * scale.stride)
    flat = u1.reshape(-1), u2.reshape(-1)
    _sample(texture, *flat, state, scale.constants, scratch, found, height, width)
    return found.reshape(3, height, -1)[:, :, :width]


def plainly_at(image, u):
    padded = np.pad(image.astype(np.float64), 1, mode="edge")
    slope_x = (padded[1:-1, 2:] - padded[1:-1, :-2]) / 2
    slope_y = (padded[2:, 1:-1] - padded[:-2, 1:-1]) / 2
    height, width = image.shape
    y, x = np.mgrid[:height, :width] + u[::-1].astype(np.float32)
    top, left = np.floor(y).astype(int), np.floor(x).astype(int)
    result = np.zeros((3, height, width))
    for i in range(-1, 3):
        for j in range(-1, 3):
            row, column = top + i, left + j
            inside = (row >= 0) & (row < height) & (column >= 0) & (column < width)
            weight = inside * kernel(y - row) * kernel(x - column)
            for k, plane in enumerate((image, slope_x, slope_y)):
                result[k] += weight * plane[row.clip(0, height - 1), column.clip(0, width - 1)]
    return result


def kernel(distance):
    """Keys' bicubic kernel with the slope -0.75."""
    d, a = np.abs(distance), -0.75
    near = (a + 2) * d**3 - (a + 3) * d**2 + 1
    return np.where(d <= 1, near, np.where(d < 2, a * (d**3 - 5 * d**2 + 8 * d - 4), 0))


def flows():
    """Flows by what they ask of sixteen neighbouring pixels."""
    random = np.random.default_rng(0)
    ones = np.ones((2, HEIGHT, WIDTH))
    y, x = np.mgrid[:HEIGHT, :WIDTH]
    noise = random.normal(size=ones.shape)
    rare = np.where(random.uniform(size=ones.shape) < 0.03, 15 * noise, 0)
    return {
        "one": 0.3 * ones,
        "far outside": -1000 * ones,
        "between three rows": np.stack([0.2 * x, np.sin(x / 3)]),
        "a slope of rows": np.stack([0 * x, 0.3 * x - 7]),
        "a steep slope of rows": np.stack([0 * x, 2.5 * (20 - x)]),
        "columns mirrored": np.stack([WIDTH - 2.0 * x, 0 * x]),
        "columns drawn out": np.stack([1.5 * x - 50, np.cos(y)]),
        "everywhere": 20 * noise,
        "a few astray": rare,
        "within a pixel": noise / 4,
    }


@pytest.mark.parametrize("name", flows())
def test_value_and_gradient_are_bicubic_and_zero_outside(name):
    u = flows()[name]
    image = np.random.default_rng(1).uniform(0, 255, (HEIGHT, WIDTH)).astype(np.float32)
    np.testing.assert_allclose(found_at(image, u), plainly_at(image, u), atol=0.02)
