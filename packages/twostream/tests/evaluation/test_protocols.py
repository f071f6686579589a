"""Protocols."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from twostream.errors import TwostreamError
from twostream.evaluation.protocols import PROTOCOLS, clip_score, parse_protocols
from twostream.transforms.preprocessing import Preprocessing


def test_whole_video_is_the_mean_of_the_softmax_of_every_sample() -> None:
    samples = np.random.default_rng(0).dirichlet(np.ones(4), 9).astype(np.float32)
    score = clip_score(samples, protocol="whole-video", centre=0)
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
    samples = np.arange(frames, dtype=np.float32)[:, None]
    score = clip_score(samples, protocol="one-frame", centre=spatial)
    assert score[0] == spatial


def test_protocols_are_named_in_a_list() -> None:
    assert parse_protocols(" whole-video , one-frame") == PROTOCOLS
    assert parse_protocols("one-frame") == ("one-frame",)


@pytest.mark.parametrize(
    ("text", "message"), [("one-fram", "did you mean one-frame"), ("", "name at least one")]
)
def test_unknown_protocols_are_refused(text: str, message: str) -> None:
    with pytest.raises(TwostreamError, match=message):
        parse_protocols(text)
