import numpy as np
import pytest
from twostream.flow.scenes import layered_scene
from twostream.lab.yardsticks.flow import REFERENCE, Measured, Pair, algorithms, measure, summarise


@pytest.fixture(scope="module")
def scene():
    return layered_scene(2, height=32, width=48, speed=0.3)


def test_errors_are_those_of_the_known_pixels(scene):
    frame0, frame1, truth = scene
    half = truth.copy()
    half[:, 24:] = 1e10
    for part, is_known in ((truth, True), (half, True), (np.full_like(truth, np.nan), False)):
        rows = measure(Pair("scene", frame0, frame1, part), rounds=1)
        assert [row.algorithm for row in rows] == list(algorithms())
        assert all((row.epe_to_truth is not None) == is_known for row in rows)
        reference = next(row for row in rows if row.algorithm == REFERENCE)
        assert (reference.ratio, reference.epe_to_opencv) == (1, 0)
    assert all(summary.epe_to_truth is None for summary in summarise(rows))


def test_a_summary_has_medians_of_times_and_means_of_errors():
    rows = [
        Measured(
            algorithm=name, pair="", width=10, height=10, ms=ms, ratio=100 / ms, iterations=50.0,
            epe_to_opencv=ms, epe_to_truth=None if ms == 4 else ms,
        )
        for name in algorithms()
        for ms in (1.0, 4.0, 25.0)
    ]  # fmt: skip
    for summary in summarise(rows):
        assert (summary.ms, summary.ratio, summary.ratio_min) == (4, 25, 4)
        assert summary.ns_per_pixel_iteration == pytest.approx(4e6 / (50 * 100))
        assert summary.epe_to_opencv == 10
        assert summary.epe_to_truth == 13
