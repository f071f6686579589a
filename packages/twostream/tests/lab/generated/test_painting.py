from __future__ import annotations

import numpy as np
import pytest
from twostream.lab.generated.painting import paint_hull

WHITE = np.full((8, 8, 3), 255, np.uint8)


def test_area_matches_the_shape():
    canvas = np.zeros((60, 60, 3), np.uint8)
    paint_hull(canvas, [(30, 30, 15)], WHITE, begin=(30, 15), end=(30, 45), width_px=30)
    assert canvas[..., 0].sum() / 255 == pytest.approx(np.pi * 15**2, rel=0.1)


def test_rows_of_the_texture_run_from_begin_to_end():
    ramp = np.repeat(np.linspace(0, 250, 32).astype(np.uint8)[:, None, None], 8, axis=1)
    texture = np.repeat(ramp, 3, axis=2)
    canvas = np.zeros((40, 60, 3), np.uint8)
    circles = [(10, 20, 6), (50, 20, 6)]
    paint_hull(canvas, circles, texture, begin=(10, 20), end=(50, 20), width_px=12)
    row = canvas[20, 12:48, 0].astype(int)
    assert np.all(np.diff(row) > 0)
    assert row[18] == pytest.approx(125, abs=10)


@pytest.mark.parametrize("centre", [(-50.0, 5.0), (5.0, 100.0)])
def test_outside_the_canvas_nothing_happens(centre):
    canvas = np.zeros((10, 10, 3), np.uint8)
    paint_hull(canvas, [(*centre, 4)], WHITE, begin=centre, end=centre, width_px=8)
    assert not canvas.any()


def test_a_shape_over_the_edge_is_cut():
    canvas = np.zeros((10, 10, 3), np.uint8)
    paint_hull(canvas, [(0, 0, 5)], WHITE, begin=(0, -5), end=(0, 5), width_px=10)
    assert canvas[0, 0, 0] == 255
    assert canvas[9, 9, 0] == 0
