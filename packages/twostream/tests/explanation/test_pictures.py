"""Maps over pictures."""

from __future__ import annotations

import numpy as np
from twostream.explanation.pictures import STRONGEST, over, sample_picture, side_by_side


def test_a_frame_is_shown_as_it_is_and_a_stack_by_the_colours_of_its_middle_flow() -> None:
    frame = np.random.default_rng(0).integers(0, 256, (8, 8, 3)).astype(np.uint8)
    assert sample_picture(frame, bound_px=20) is frame
    stack = np.full((8, 8, 20), 128, np.uint8)
    assert (sample_picture(stack, bound_px=20) == 255).all()  # rest is white
    stack[..., 10] = 255  # x of the sixth of ten flows
    assert not (sample_picture(stack, bound_px=20) == 255).all()


def test_the_strongest_place_gets_most_colour_and_no_place_none() -> None:
    picture = np.full((16, 16, 3), 100, np.uint8)
    heat = np.zeros((4, 4), np.float32)
    heat[1, 2] = 7.0
    drawn = over(picture, heat).astype(int)
    changed = np.abs(drawn - picture).sum(axis=-1)
    # The middle of the place, a quarter of the picture's side wide, is red.
    row, column = np.unravel_index(changed.argmax(), changed.shape)
    assert (row // 4, column // 4) == (1, 2)
    assert drawn[row, column, 0] > drawn[row, column, 2]
    assert changed[12:, :4].max() == 0
    assert changed.max() <= 3 * 255 * STRONGEST
    np.testing.assert_array_equal(over(picture, np.zeros((4, 4), np.float32)), picture)


def test_pictures_stand_beside_each_other() -> None:
    one = np.zeros((8, 8, 3), np.uint8)
    assert side_by_side([one, one, one], gap_px=2).shape == (8, 28, 3)
