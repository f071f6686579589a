"""Colour jitter."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
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
    np.testing.assert_allclose(jittered(1.5, 1, 1), FRAME * 1.5, atol=1)


def test_contrast_stretches_around_the_mean_grey() -> None:
    mean = FRAME.reshape(-1, 3).mean(axis=0) @ [0.299, 0.587, 0.114]
    np.testing.assert_allclose(jittered(1, 0.5, 1), mean + 0.5 * (FRAME - mean), atol=1)


def test_without_saturation_a_frame_is_grey_and_as_bright() -> None:
    grey = jittered(1, 1, 0)
    assert (grey == grey[..., :1]).all()
    np.testing.assert_allclose(grey[..., 0], FRAME @ [0.299, 0.587, 0.114], atol=1)


@given(st.integers(0, 1000), st.floats(0, 0.9))
def test_shape_type_and_size_stay(seed: int, strength: float) -> None:
    out = jitter_colors(FRAME, strength=strength, rng=np.random.default_rng(seed))
    assert out.shape == FRAME.shape
    assert out.dtype == np.uint8


@given(
    st.integers(0, 1000),
    hnp.arrays(np.uint8, st.tuples(st.integers(1, 40), st.integers(1, 40), st.just(3))),
)
def test_a_value_is_within_one_grey_level_of_exact_arithmetic(seed: int, frame: np.ndarray) -> None:
    factors = np.random.default_rng(seed).uniform(0.1, 1.9, size=3)
    brightness, contrast, saturation = factors
    pixels = frame.astype(np.float64)
    grey = pixels @ [[0.299], [0.587], [0.114]]
    saturated = grey + saturation * (pixels - grey)
    exact = brightness * (grey.mean() + contrast * (saturated - grey.mean()))
    found = jitter_colors(frame, strength=0.9, rng=Fixed(*factors))  # type: ignore[arg-type]
    assert np.abs(found - np.clip(exact, 0, 255)).max() <= 1
