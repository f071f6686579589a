from __future__ import annotations

import pickle

import pytest
from twostream.errors import TwostreamError
from twostream.execution.outcomes import FatalError


@pytest.mark.parametrize("kind", [TwostreamError, FatalError])
def test_an_error_survives_the_way_between_processes(kind):
    error = kind("a.avi", expected="a video", found="an empty file", remedy="remove it")
    copy = pickle.loads(pickle.dumps(error))
    assert type(copy) is kind
    assert str(copy) == str(error) == "a.avi: expected a video, found an empty file; remove it"
    assert (copy.subject, copy.expected, copy.found, copy.remedy) == (
        "a.avi",
        "a video",
        "an empty file",
        "remove it",
    )


def test_an_error_is_one_line_whatever_it_is_made_of():
    error = TwostreamError("a\nb", expected="c\r\nd", found="e\n\n f", remedy="g\th")
    assert str(error) == "a b: expected c d, found e f; g h"
