"""What a training frees is kept while it lasts, and given back afterwards."""

from __future__ import annotations

import sys

import numpy as np
import pytest
from twostream.training.kept_memory import kept_memory

LARGE = 24 << 20


def faults_of_a_large_array() -> int:
    """Pages that the system brings in while a large array is made, filled and freed."""
    resource = pytest.importorskip("resource")
    before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
    np.full(LARGE, 1, np.uint8)
    return int(resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before)


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="glibc is Linux's")
def test_memory_is_brought_in_once_within_and_given_back_afterwards() -> None:
    with kept_memory():
        faults_of_a_large_array()
        assert faults_of_a_large_array() <= 1
    assert faults_of_a_large_array() > 1
