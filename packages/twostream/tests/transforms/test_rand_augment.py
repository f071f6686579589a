"""RandAugment on frames."""

from __future__ import annotations

from typing import get_args

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from twostream.transforms.rand_augment import OPERATIONS, Operation, changed, rand_augment

FRAME = np.random.default_rng(0).integers(40, 120, (12, 9, 3), np.uint8)
MOVES: tuple[Operation, ...] = ("rotate", "shear x", "shear y", "translate x", "translate y")


@given(
    st.sampled_from(OPERATIONS),
    st.floats(-1, 1),
    hnp.arrays(np.uint8, st.tuples(st.integers(1, 40), st.integers(1, 40), st.just(3))),
)
def test_shape_and_type_stay(operation: Operation, amount: float, frame: np.ndarray) -> None:
    before = frame.copy()
    out = changed(frame, operation, amount=amount)
    assert out.shape == frame.shape
    assert out.dtype == np.uint8
    np.testing.assert_array_equal(frame, before)  # the frame itself may be in use elsewhere


@pytest.mark.parametrize("operation", [*MOVES, "colour", "contrast", "brightness", "sharpness"])
def test_an_amount_of_0_changes_nothing(operation: Operation) -> None:
    np.testing.assert_array_equal(changed(FRAME, operation, amount=0.0), FRAME)


def test_brightness_goes_from_a_tenth_to_nearly_twice() -> None:
    for amount, factor in ((1.0, 1.9), (-1.0, 0.1)):
        found = changed(FRAME, "brightness", amount=amount)
        np.testing.assert_allclose(found, FRAME * factor, atol=1)


def test_without_colour_a_frame_is_nearly_grey() -> None:
    found = changed(FRAME, "colour", amount=-1.0).astype(int)
    assert np.ptp(found, axis=2).max() <= 0.1 * np.ptp(FRAME.astype(int), axis=2).max() + 1


def test_contrast_spreads_around_the_mean_grey_and_sharpness_around_a_smooth_picture() -> None:
    for operation in ("contrast", "sharpness"):
        more, less = (
            float(changed(FRAME, operation, amount=amount).std()) for amount in (0.7, -0.7)
        )
        assert less < FRAME.std() < more


def test_autocontrast_uses_all_values_and_equalize_makes_them_as_frequent() -> None:
    frame = np.random.default_rng(1).integers(40, 120, (40, 60, 3), np.uint8)
    for operation in ("autocontrast", "equalize"):
        out = changed(frame, operation, amount=0.5)
        assert (out.min(axis=(0, 1)) == 0).all()
        assert (out.max(axis=(0, 1)) == 255).all()
    even = changed(np.repeat(np.arange(256, dtype=np.uint8), 12).reshape(48, 64, 1).repeat(3, 2),
                   "equalize", amount=0.5)  # fmt: skip
    assert np.ptp(np.bincount(even[..., 0].ravel(), minlength=256)) == 0


def test_one_colour_alone_has_no_contrast_to_stretch() -> None:
    plain = np.full((5, 5, 3), 90, np.uint8)
    for operation in ("autocontrast", "equalize"):
        np.testing.assert_array_equal(changed(plain, operation, amount=1.0), plain)


def test_posterize_takes_bits_away_and_solarize_turns_bright_values() -> None:
    assert set(np.unique(changed(FRAME, "posterize", amount=1.0) % 16)) == {0}
    turned = changed(FRAME, "solarize", amount=-0.6)  # from 102 on
    np.testing.assert_array_equal(turned, np.where(FRAME >= 102, 255 - FRAME, FRAME))


def test_what_leaves_the_frame_shows_grey_and_the_centre_stays_where_it_is() -> None:
    frame = np.zeros((31, 31, 3), np.uint8)
    frame[15, 15] = 255
    for operation in ("rotate", "shear x", "shear y"):
        out = changed(frame, operation, amount=1.0)
        np.testing.assert_array_equal(out[15, 15], frame[15, 15])
    right, down = (changed(frame, move, amount=1.0) for move in ("translate x", "translate y"))
    assert right[15, 15 + 9].min() > 60  # 100 of 331 px: 9.4 of 31
    assert down[15 + 9, 15].min() > 60
    assert (right[:, 0] == 128).all()
    assert (down[0] == 128).all()


def test_all_fourteen_operations_are_drawn_and_the_same_seed_draws_the_same() -> None:
    assert len(OPERATIONS) == len(get_args(Operation)) == 14
    a, b, c = (
        rand_augment(FRAME, strength=9.0, operations=2, rng=np.random.default_rng(seed))
        for seed in (3, 3, 4)
    )
    np.testing.assert_array_equal(a, b)
    assert not np.array_equal(a, c)


def test_a_strength_of_0_leaves_a_frame_alone_whatever_is_drawn() -> None:
    for seed in range(20):
        out = rand_augment(FRAME, strength=0.0, operations=4, rng=np.random.default_rng(seed))
        assert out is FRAME
