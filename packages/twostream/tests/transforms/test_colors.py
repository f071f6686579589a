"""Colour jitter."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from twostream.transforms.colors import jitter_colors


class Fixed:
    """A generator that draws given factors."""

    def __init__(self, *factors: float) -> None:
        self.factors = factors

    def uniform(self, low: float, high: float, size: int) -> np.ndarray:
        assert size == len(self.factors)
        return np.asarray(self.factors)


FRAME = np.random.default_rng(0).integers(40, 120, (6, 5, 3), np.uint8)


def jittered(brightness: float, contrast: float, saturation: float) -> np.ndarray:
    rng = Fixed(brightness, contrast, saturation)
    return jitter_colors(FRAME, strength=0.5, rng=rng)  # type: ignore[arg-type]


def test_brightness_scales_every_value() -> None:
    np.testing.assert_allclose(jittered(1.5, 1, 1), FRAME * 1.5, atol=0.51)


def test_contrast_stretches_around_the_mean_grey() -> None:
    mean = FRAME.reshape(-1, 3).mean(axis=0) @ [0.299, 0.587, 0.114]
    np.testing.assert_allclose(jittered(1, 0.5, 1), mean + 0.5 * (FRAME - mean), atol=0.51)


def test_without_saturation_a_frame_is_grey_and_as_bright() -> None:
    grey = jittered(1, 1, 0)
    assert (grey == grey[..., :1]).all()
    np.testing.assert_allclose(grey[..., 0], FRAME @ [0.299, 0.587, 0.114], atol=0.51)


@given(st.integers(0, 1000), st.floats(0, 0.9))
def test_shape_type_and_size_stay(seed: int, strength: float) -> None:
    out = jitter_colors(FRAME, strength=strength, rng=np.random.default_rng(seed))
    assert out.shape == FRAME.shape
    assert out.dtype == np.uint8
