"""Pictures of counts: whole numbers at the axes, and nothing taller than its plot."""

import re

import pytest
from twostream.exploration.counts import Bin
from twostream.exploration.pictures import histogram_picture

TALLEST = 150.0


@pytest.mark.parametrize("most", [1, 2, 3, 4, 6, 7, 8, 23, 249])
def test_a_histogram_counts_whole_clips_and_its_bars_stay_inside(most):
    body = histogram_picture("d", "Duration", [Bin(0, 1, most), Bin(1, 2, 0)], unit="s").body
    heights = [float(value) for value in re.findall(r'<rect [^>]*?\bheight="([\d.]+)"', body)]
    assert len(heights) == 2
    assert 0.4 * TALLEST <= max(heights) <= TALLEST
    ticks = re.findall(r'class="muted end num"[^>]*>([\d.]+)<', body)
    assert ticks[0] == "0"
    assert all(tick.isdigit() for tick in ticks)
    assert int(ticks[-1]) >= most
