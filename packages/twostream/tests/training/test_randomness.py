"""Random streams of different purposes and places are different ones."""

from __future__ import annotations

from typing import get_args

import numpy as np
from hypothesis import example, given
from hypothesis import strategies as st
from twostream.training.randomness import Purpose, random_stream

PURPOSES = get_args(Purpose)
NUMBERS = st.one_of(st.integers(0, 3), st.sampled_from([2**32 - 1, 2**32, 2**64, 2**64 + 1]))
STREAMS = st.tuples(
    st.sampled_from(PURPOSES), NUMBERS, st.lists(NUMBERS, max_size=4).map(tuple)
).map(lambda told: (told[0], told[1], *told[2]))


def drawn(stream: tuple[Purpose, int]) -> list[int]:
    purpose, seed, *place = stream
    return random_stream(purpose, *place, seed=seed).integers(2**63, size=2).tolist()


@given(one=STREAMS, other=STREAMS)
@example(one=("mixup", 0, 1), other=("mixup", 0, 1, 0))
@example(one=("mixup", 0, 1), other=("mixup", 1, 0))
@example(one=("mixup", 0, 2**32), other=("mixup", 0, 0, 1))
def test_no_two_streams_coincide(one: tuple[Purpose, int], other: tuple[Purpose, int]) -> None:
    assert (drawn(one) == drawn(other)) is (one == other)


def test_purposes_and_places_of_a_small_training_are_all_different() -> None:
    places = [(), (0,), (1,), (1, 0), (1, 1), (1, 0, 0), (1, 0, 1), (1, 1, 0), (2, 0, 0)]
    streams = [(p, seed, *place) for p in PURPOSES for seed in (0, 1) for place in places]
    assert len({tuple(drawn(stream)) for stream in streams}) == len(streams)


def test_the_numbers_are_the_same_today_and_tomorrow_and_for_every_kind_of_integer() -> None:
    assert drawn(("mixup", 0, 1)) == drawn(("mixup", np.int64(0), np.int32(1)))  # type: ignore[arg-type]
    first = random_stream("order of an epoch", 1, seed=0).permutation(6).tolist()
    assert first == [5, 3, 0, 2, 1, 4]
