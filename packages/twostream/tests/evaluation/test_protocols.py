"""Protocols."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from twostream.errors import TwostreamError
from twostream.evaluation.protocols import (
    PROTOCOLS,
    Protocol,
    choose_sets,
    clip_score,
    parse_protocols,
)
from twostream.evaluation.sample_sets import CENTRE, EVEN, EVERY, TEN_VIEWS
from twostream.sampling.stacks import even_positions
from twostream.transforms.preprocessing import Preprocessing

SPATIAL = Preprocessing(stream="spatial")


def score_of(samples: np.ndarray, protocol: Protocol, *, kind: Preprocessing = SPATIAL) -> float:
    """The score of a clip all of whose samples were scored, of the only class."""
    frames = len(samples) + (0 if kind.stream == "spatial" else kind.stack_length)
    rows = samples.astype(np.float32).reshape(len(samples), -1)
    score = clip_score(rows, protocol=protocol, among=EVERY, preprocessing=kind, frames=frames)
    return float(score[0])


def test_whole_video_is_the_mean_of_the_softmax_of_every_sample() -> None:
    samples = np.random.default_rng(0).dirichlet(np.ones(4), 9).astype(np.float32)
    score = clip_score(
        samples, protocol="whole-video", among=EVERY, preprocessing=SPATIAL, frames=9
    )
    np.testing.assert_allclose(score, samples.mean(axis=0), atol=1e-6)


@given(st.integers(2, 300), st.integers(1, 30))
def test_one_frame_is_the_centre_of_the_valid_stack_starts_for_both_streams(
    frames: int, length: int
) -> None:
    streams = [
        Preprocessing(stream="spatial", stack_length=length),
        Preprocessing(stream="temporal", stack_length=length),
    ]
    spatial, temporal = (stream.centre_position(frames) for stream in streams)
    assert spatial == temporal
    starts = streams[1].count_positions(frames)
    assert 0 <= temporal < starts
    assert abs((starts - 1) / 2 - temporal) <= 0.5
    assert list(CENTRE.positions(streams[0], frames)) == [spatial]
    assert (
        clip_score(
            np.arange(frames, dtype=np.float32)[:, None],
            protocol="one-frame",
            among=EVERY,
            preprocessing=streams[0],
            frames=frames,
        )[0]
        == spatial
    )


@given(st.integers(1, 400))
def test_25_is_the_mean_over_25_even_positions(positions: int) -> None:
    temporal = Preprocessing(stream="temporal")
    even = even_positions(positions, samples=25)
    assert len(even) == 25
    for kind in (SPATIAL, temporal):
        found = score_of(np.arange(positions), "25", kind=kind)
        assert found == pytest.approx(even.mean(), rel=1e-6)


def test_in_a_short_clip_each_position_counts_about_equally_often() -> None:
    assert score_of(np.array([0, 10]), "25") == pytest.approx(10 * 13 / 25)


@pytest.mark.parametrize("protocol", ["one-frame", "25"])
def test_samples_scored_for_one_protocol_alone_are_those_chosen_among_all(
    protocol: Protocol,
) -> None:
    own = {"one-frame": CENTRE, "25": EVEN}[protocol]
    every = np.random.default_rng(0).random((70, 3), np.float32)
    alone = every[np.asarray(own.positions(SPATIAL, 70))]
    np.testing.assert_array_equal(
        clip_score(alone, protocol=protocol, among=own, preprocessing=SPATIAL, frames=70),
        clip_score(every, protocol=protocol, among=EVERY, preprocessing=SPATIAL, frames=70),
    )


def test_as_little_as_possible_is_scored() -> None:
    assert choose_sets(["one-frame", "25"]) == {"one-frame": CENTRE, "25": EVEN}
    assert set(choose_sets(["one-frame", "25", "whole-video"]).values()) == {EVERY}
    assert set(choose_sets(["one-frame", "25"], complete=[EVERY]).values()) == {EVERY}
    assert choose_sets(["25x10"], complete=[EVERY]) == {"25x10": TEN_VIEWS}


def test_protocols_are_named_in_a_list() -> None:
    assert parse_protocols(" whole-video , 25,25x10,one-frame") == PROTOCOLS
    assert parse_protocols("one-frame") == ("one-frame",)
    assert parse_protocols("25") == ("25",)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("one-fram", "did you mean one-frame"),
        ("25x1", "did you mean 25x10"),
        ("", "name at least one"),
    ],
)
def test_unknown_protocols_are_refused(text: str, message: str) -> None:
    with pytest.raises(TwostreamError, match=message):
        parse_protocols(text)
