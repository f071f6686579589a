from __future__ import annotations

import pytest
from twostream.preparation.rates import rate_notes


@pytest.mark.parametrize("rates", [[], [25.0], [25.0, 25.0], [29.97, 30.0], [24.0, 25.0, 26.0]])
def test_rates_that_are_alike_are_not_mentioned(rates: list[float]) -> None:
    assert rate_notes(("a", rate) for rate in rates) == ()


def test_rates_that_differ_are_told_and_more_so_where_they_follow_the_classes() -> None:
    (mixed,) = rate_notes([("a", 24.0), ("a", 30.0), ("b", 24.0), ("b", 30.0)])
    assert "from 24 to 30 a second" in mixed
    assert "number of pixels" in mixed
    (by_class,) = rate_notes([("a", 24.0), ("a", 24.0), ("b", 30.0)])
    assert "(a 24, b 30)" in by_class
    assert "know classes by their rates" in by_class
