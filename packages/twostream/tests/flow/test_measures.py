import numpy as np
import pytest
from twostream.errors import TwostreamError
from twostream.flow.measures import flow_errors


def test_errors_of_a_known_difference():
    truth = np.zeros((10, 10, 2), np.float32)
    truth[:5] = 100
    estimate = truth.copy()
    estimate[0, :, 0] += 4  # beyond 3 px, but within 5 % of 141 px
    estimate[9, :, 1] -= 4
    errors = flow_errors(estimate, truth)
    assert errors.pixels == 100
    assert errors.epe_mean == pytest.approx(0.8)
    assert errors.epe_median == 0
    assert errors.beyond_1px == errors.beyond_3px == pytest.approx(0.2)
    assert errors.outliers == pytest.approx(0.1)


@pytest.mark.parametrize("unknown", [1e10, np.nan, np.inf])
def test_unknown_truth_is_left_out(unknown):
    truth = np.zeros((4, 4, 2), np.float32)
    truth[0] = unknown
    errors = flow_errors(np.ones_like(truth), truth)
    assert errors.pixels == 12
    assert errors.epe_mean == pytest.approx(np.sqrt(2))


def test_what_cannot_be_compared_is_refused():
    zeros = np.zeros((4, 4, 2), np.float32)
    with pytest.raises(TwostreamError, match="shape"):
        flow_errors(zeros[:3], zeros)
    with pytest.raises(TwostreamError, match="no pixel"):
        flow_errors(zeros, zeros + np.float32(np.nan))
    with pytest.raises(TwostreamError, match="finite estimate"):
        flow_errors(zeros + np.float32(np.nan), zeros)
