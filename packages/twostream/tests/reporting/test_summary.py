import numpy as np
import pytest
from twostream.evaluation.analysis import analyse
from twostream.evaluation.paired import lead_of
from twostream.evaluation.scores import ClipScores
from twostream.reporting import summary
from twostream.reporting.facts import RunFacts


def facts_of(**hits):
    """A run in which each stream is right (1) or wrong (0) on each clip."""
    n = len(next(iter(hits.values())))
    labels = np.zeros(n, np.int64)
    scores = {}
    for stream, marks in hits.items():
        values = np.array([[0.9, 0.1] if mark == "1" else [0.1, 0.9] for mark in marks], np.float32)
        scores[stream] = ClipScores(tuple(map(str, range(n))), ("a", "b"), labels, values)
    return RunFacts(
        run=None,
        results={},
        scored={"whole-video": scores},
        analyses={"whole-video": analyse(scores, {})},
        primary="whole-video",
        lead=lead_of(list(hits)),
        records={},
        histories={},
        settings={},
    )


@pytest.mark.parametrize(
    ("hits", "expected"),
    [
        (
            {"spatial": "1100000000", "temporal": "1111000000", "fusion": "1111100000"},
            "Fusion recognises 5 of 10 test clips (whole-video), 10 percentage points more than the "
            "better single stream (temporal).",
        ),
        (
            {"spatial": "11110000", "temporal": "11000000", "fusion": "11100000"},
            "Fusion recognises 3 of 8 test clips (whole-video), 12.5 percentage points fewer than "
            "the better single stream (spatial).",
        ),
        (
            {"spatial": "10", "temporal": "00", "fusion": "01"},
            "Fusion recognises 1 of 2 test clips (whole-video), as many as the better single stream "
            "(spatial).",
        ),
        (
            {"spatial": "10", "temporal": "01", "fusion": "11"},
            "Fusion recognises 2 of 2 test clips (whole-video), 50 percentage points more than "
            "either single stream.",
        ),
        ({"spatial": "110"}, "The spatial stream recognises 2 of 3 test clips (whole-video)."),
        ({"temporal": "1"}, "The temporal stream recognises the only test clip."),
        (
            {"spatial": "110", "temporal": "111", "fusion": "111", "chosen": "110"},
            "The chosen fusion recognises 2 of 3 test clips (whole-video), 33.3 percentage points fewer "
            "than the better single stream (temporal).",
        ),
        (
            {"spatial": "1", "temporal": "1", "fusion": "0"},
            "Fusion does not recognise the only test clip.",
        ),
    ],
)
def test_the_headline_says_what_the_numbers_say(hits, expected):
    assert summary.headline(facts_of(**hits)).startswith(f"{expected} ")


def test_the_headline_says_that_few_clips_tell_little_and_names_untested_classes():
    told = summary.headline(facts_of(spatial="1"))
    assert "only test clip. 1 test clip tells next to nothing" in told
    assert told.endswith("No test clip of b: nothing is measured of that.")
    told = summary.headline(facts_of(spatial="10" * 10))
    assert "20 test clips are too few to tell much: one clip is 5.0 points" in told
    assert "too few" not in summary.headline(facts_of(spatial="10" * 20))


def test_the_chosen_fusion_is_not_called_as_the_row_of_the_average_is():
    facts = facts_of(spatial="110", temporal="111", fusion="111", chosen="110")
    assert summary.comparison(facts).startswith(
        "Clip by clip, the chosen fusion mends no errors of "
    )


def test_few_differing_clips_are_called_chance():
    told = summary.comparison(facts_of(spatial="1100", temporal="0000", fusion="1110"))
    assert "mends 1 error of the spatial stream and makes no new ones" in told
    assert "+25.0 points, 95 % interval 0.0 to +100.0" in told
    assert "chance alone could explain the difference" in told


def test_as_many_errors_mended_as_made_are_no_difference():
    told = summary.comparison(facts_of(spatial="110", temporal="000", fusion="101"))
    assert "mends 1 error of the spatial stream and makes 1 new one: 0.0 points" in told


def test_many_differing_clips_are_not_called_chance():
    told = summary.comparison(facts_of(spatial="01" * 20, temporal="0" * 40, fusion="1" * 40))
    assert "mends 20 errors" in told
    assert "chance" not in told


def test_equal_answers_are_called_equal():
    told = summary.comparison(facts_of(spatial="110", temporal="100", fusion="110"))
    assert told == "On every clip fusion is right exactly where the spatial stream is."


def test_a_lone_stream_is_compared_with_nothing():
    assert summary.comparison(facts_of(spatial="10")) == ""
    assert summary.guessing(2).endswith("right for 50.0 % of the clips.")
