"""What few test clips cannot tell is said."""

from __future__ import annotations

import pytest
from twostream.evaluation.sample_size import FEW_CLIPS, cautions, cautions_of, points_either_way


def test_enough_clips_of_every_class_need_no_word() -> None:
    assert cautions(FEW_CLIPS, ()) == ()
    assert cautions_of({"n_test": 1000}) == ()  # as results were before classes were told


@pytest.mark.parametrize("clips", [1, 2, FEW_CLIPS - 1])
def test_few_clips_are_told(clips: int) -> None:
    (told,) = cautions(clips, ())
    assert told.startswith(f"{clips} test clip")


def test_below_the_limit_chance_is_wider_than_most_differences() -> None:
    assert points_either_way(FEW_CLIPS) >= 15
    assert points_either_way(4) <= 50


def test_untested_classes_are_named_and_the_rest_of_many_counted() -> None:
    (told,) = cautions_of({"n_test": 100, "untested_classes": list("abcdefgh")})
    assert "no test clip of a, b, c, d, e and 3 more:" in told
