from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from twostream.sampling.stacks import (
    centre_start,
    count_stack_starts,
    even_positions,
    random_positions,
    stack_indices,
)

counts = st.integers(1, 500)
lengths = st.integers(1, 40)


@given(flows=st.integers(1, 100), length=lengths)
def test_every_valid_start_gives_a_stack_of_consecutive_flows_of_the_clip(flows, length):
    for start in range(count_stack_starts(flows, stack_length=length)):
        indices = stack_indices(start, flows=flows, stack_length=length)
        assert len(indices) == length
        assert indices[0] == start
        assert indices.min() >= 0
        assert indices.max() < flows
        if flows >= length:
            assert (np.diff(indices) == 1).all()


@given(flows=st.integers(1, 100), length=lengths)
def test_the_starts_together_reach_every_flow_and_no_further_start_fits(flows, length):
    starts = count_stack_starts(flows, stack_length=length)
    seen = {
        int(k)
        for start in range(starts)
        for k in stack_indices(start, flows=flows, stack_length=length)
    }
    assert seen == set(range(flows)) if flows >= length else seen <= set(range(flows))
    assert starts == max(1, flows - length + 1)
    for outside in (-1, starts, starts + 100):
        with pytest.raises(IndexError):
            stack_indices(outside, flows=flows, stack_length=length)


@given(flows=st.integers(1, 39), length=lengths)
def test_a_short_clip_is_repeated_from_its_beginning(flows, length):
    indices = stack_indices(0, flows=flows, stack_length=length)
    assert indices.tolist() == [k % flows for k in range(length)]
    # No flow counts more than one time more than another.
    times = np.bincount(indices, minlength=flows)
    assert times.max() - times.min() <= 1


@given(count=counts)
def test_the_centre_is_as_far_from_the_first_as_from_the_last(count):
    centre = centre_start(count)
    before, after = centre, count - 1 - centre
    assert 0 <= after - before <= 1


@given(count=counts, samples=st.integers(1, 60))
def test_even_positions_are_valid_sorted_even_and_symmetric(count, samples):
    positions = even_positions(count, samples=samples)
    assert len(positions) == samples
    assert positions.min() >= 0
    assert positions.max() < count
    steps = np.diff(positions)
    assert (steps >= 0).all()
    assert samples == 1 or np.ptp(steps) <= 1
    # The first is as far from the beginning as the last is from the end.
    assert abs(positions[0] - (count - 1 - positions[-1])) <= 1


@given(count=counts, more=st.integers(0, 60))
def test_as_many_even_positions_as_there_are_cover_all(count, more):
    assert set(even_positions(count, samples=count + more).tolist()) == set(range(count))
    assert even_positions(count, samples=count).tolist() == list(range(count))


@given(count=counts, samples=st.integers(1, 60), seed=st.integers(0, 2**32))
def test_random_positions_are_valid_and_one_from_each_equal_part(count, samples, seed):
    rng = np.random.default_rng(seed)
    positions = random_positions(count, samples=samples, rng=rng)
    assert len(positions) == samples
    assert (np.diff(positions) >= 0).all()
    for k, position in enumerate(positions):
        first, last = k * count // samples, -(-(k + 1) * count // samples) - 1
        assert 0 <= first <= position <= min(last, count - 1)


@given(count=st.integers(1, 12), samples=st.integers(1, 5))
def test_random_positions_reach_every_position_the_first_and_the_last_too(count, samples):
    rng = np.random.default_rng(0)
    seen = {int(k) for _ in range(400) for k in random_positions(count, samples=samples, rng=rng)}
    assert seen == set(range(count))


def test_random_positions_are_even_handed():
    rng = np.random.default_rng(0)
    drawn = [random_positions(10, samples=1, rng=rng)[0] for _ in range(5000)]
    shares = np.bincount(drawn, minlength=10) / len(drawn)
    assert np.abs(shares - 0.1).max() < 0.02


@given(count=counts, samples=st.integers(1, 60))
def test_no_draw_of_the_generator_leaves_the_clip(count, samples):
    class Extreme:
        def __init__(self, value):
            self.value = value

        def random(self, n):
            return np.full(n, self.value)

    for value in (0.0, np.nextafter(1.0, 0.0)):
        positions = random_positions(count, samples=samples, rng=Extreme(value))
        assert positions.min() >= 0
        assert positions.max() < count


def test_the_same_seed_gives_the_same_positions():
    a, b = (random_positions(90, samples=3, rng=np.random.default_rng(7)) for _ in range(2))
    assert a.tolist() == b.tolist()


@pytest.mark.parametrize(
    "call",
    [
        lambda: count_stack_starts(0, stack_length=10),
        lambda: count_stack_starts(5, stack_length=0),
        lambda: centre_start(0),
        lambda: even_positions(0, samples=3),
        lambda: even_positions(3, samples=0),
        lambda: random_positions(0, samples=3, rng=np.random.default_rng(0)),
        lambda: random_positions(3, samples=0, rng=np.random.default_rng(0)),
    ],
)
def test_a_clip_or_a_stack_of_nothing_is_a_bug(call):
    with pytest.raises(ValueError, match="at least 1"):
        call()
