"""Numbers in order, whichever way this processor compares them fastest."""

import numpy as np
from numba import njit
from twostream.flow.tv_l1.ordering import higher, lower, sort_key
from twostream.flow.tv_l1.vectors import load, store


@njit
def _extremes(a, b, low, high):
    key_a, key_b = sort_key(load(a, 0)), sort_key(load(b, 0))
    store(low, 0, sort_key(lower(key_a, key_b)))
    store(high, 0, sort_key(higher(key_a, key_b)))


def test_the_lower_and_the_higher_of_two_are_what_numpy_says():
    numbers = np.float32([-np.inf, -1e30, -2.5, -2, -1e-40, 0, 1e-40, 1, 1.5, 1e30, np.inf])
    for number in numbers:
        a, b = np.full(16, number), np.resize(numbers, 16)
        low, high = np.zeros((2, 16), np.float32)
        _extremes(a, b, low, high)
        np.testing.assert_array_equal(low, np.minimum(a, b))
        np.testing.assert_array_equal(high, np.maximum(a, b))
