from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from twostream.datasets.clips import Problem
from twostream.datasets.problems import read_problems, write_problems
from twostream.errors import TwostreamError

CELL = st.text(st.characters(exclude_categories=["Cc", "Cs", "Z"]))


@settings(deadline=None, max_examples=30)
@given(problems=st.lists(st.builds(Problem, CELL, CELL, CELL)))
def test_what_is_written_is_read_back(tmp_path_factory, problems):
    folder = tmp_path_factory.mktemp("problems")
    write_problems(folder, problems)
    assert read_problems(folder) == tuple(problems)


def test_a_problem_is_a_line_and_any_name_can_be_written(tmp_path):
    write_problems(
        tmp_path,
        [
            Problem("a/caf\udce9.avi", "decode", "first line\r\nsecond\nthird"),
            Problem('b, "c".avi', "scan", "why"),
        ],
    )
    assert (tmp_path / "problems.csv").read_bytes().decode() == (
        "source,stage,reason\n"
        "a/caf\\xe9.avi,decode,first line second third\n"
        '"b, ""c"".avi",scan,why\n'
    )


def test_no_problems(tmp_path):
    assert read_problems(tmp_path) == ()
    write_problems(tmp_path, [])
    assert (tmp_path / "problems.csv").read_text() == "source,stage,reason\n"
    assert read_problems(tmp_path) == ()


@pytest.mark.parametrize("text", ["", "a,b\n", "source,stage,reason\nx,y\n"])
def test_another_file_of_that_name_is_an_error(tmp_path, text):
    (tmp_path / "problems.csv").write_text(text)
    with pytest.raises(TwostreamError, match="expected the columns source,stage,reason"):
        read_problems(tmp_path)
