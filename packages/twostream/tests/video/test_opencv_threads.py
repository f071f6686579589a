from __future__ import annotations

import cv2
import numpy as np
import pytest
from twostream.evaluation.sample_scores import _read_ahead
from twostream.training.samples import in_threads
from twostream.video.opencv_threads import one_opencv_thread


@pytest.fixture(autouse=True)
def three_threads():
    before = cv2.getNumThreads()
    cv2.setNumThreads(3)
    yield
    cv2.setNumThreads(before)


def used(*_):
    return np.array([cv2.getNumThreads()], np.uint8)


def test_what_was_set_comes_back_whatever_happens():
    def fail():
        with one_opencv_thread():
            assert used() == 1
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    assert used() == 3


def test_threads_that_load_samples_have_one_each():
    assert np.all(np.concatenate(list(in_threads(used, range(6), batch_size=2))) == 1)
    assert used() == 3


def test_the_thread_that_reads_ahead_of_the_network_has_one():
    assert [int(batch[0]) for batch in _read_ahead(iter(map(used, range(3))))] == [1, 1, 1]
    assert used() == 3
