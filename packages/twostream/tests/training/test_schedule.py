"""Learning rates."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from twostream.training.schedule import cosine_rate


@given(st.floats(0, 1), st.floats(1e-6, 1))
def test_the_rate_stays_between_zero_and_its_peak(progress: float, peak: float) -> None:
    assert 0 <= cosine_rate(progress, peak=peak) <= peak * (1 + 1e-9)


@given(st.floats(0.05, 1), st.floats(0.05, 1))
def test_after_the_warm_up_it_only_falls(one: float, other: float) -> None:
    early, late = sorted((one, other))
    assert cosine_rate(late, peak=1.0) <= cosine_rate(early, peak=1.0) + 1e-12
