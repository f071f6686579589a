"""The peak is that of products in float32, which the networks are computed in."""

from __future__ import annotations

from itertools import count

import numpy as np
import pytest
from twostream.lab.yardsticks import peak
from twostream.models.device import PLAIN


@pytest.mark.parametrize("engine", ["keras", "openvino"])
def test_a_product_is_that_of_float32(engine: str) -> None:
    if engine == "openvino":
        pytest.importorskip("openvino")
    product = getattr(peak, f"{engine}_product")(PLAIN)
    a, b = (matrix.astype(np.float64) for matrix in peak._matrices())
    found = np.asarray(product())
    expected = (
        a @ b[:, 0] if found.ndim else a[0] @ b[:, 0]
    )  # of bfloat16 a hundredth may be missing
    np.testing.assert_allclose(found[:, 0] if found.ndim else found, expected, rtol=1e-5)


def test_the_fastest_round_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    seconds = count()
    monkeypatch.setattr(peak.time, "perf_counter", lambda: next(seconds) ** 2)
    assert peak.operations_per_second(lambda: None) == 2 * peak.MATRIX_SIDE**3  # 1, 5, 9 seconds
