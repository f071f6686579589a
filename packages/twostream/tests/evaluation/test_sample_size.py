"""What few test clips cannot tell is said."""

from __future__ import annotations

import pytest
from twostream.evaluation.bootstrap import expanded_tail
from twostream.evaluation.sample_size import (
    FEW_CLIPS,
    LEAST_SOURCES,
    cautions,
    cautions_of,
    points_either_way,
)


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


def test_clips_of_few_source_videos_have_intervals_that_are_too_short() -> None:
    (told,) = cautions_of({"n_test": 100, "source_videos": 3})
    assert told == (
        "the 100 clips are parts of 3 source videos alone: an interval that is no wider than these differ "
        "is too short"
    )
    assert cautions(100, (), LEAST_SOURCES) == ()
    assert "source video" not in " ".join(cautions(3, (), 3))  # each clip is its own


@pytest.mark.parametrize("sources", [2, 3, 4, 5, 6, 20])
def test_few_are_those_whose_worst_alone_is_drawn_oftener_than_the_tail(sources: int) -> None:
    few = sources**-sources > expanded_tail(sources)
    assert few == (sources < LEAST_SOURCES)
