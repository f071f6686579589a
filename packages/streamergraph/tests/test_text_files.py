from __future__ import annotations

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st
from streamergraph.enrichment.steam import read_steam
from streamergraph.text_files import split_rows

CELLS = st.text(st.sampled_from('ab",\n \u2028'), max_size=4)


@given(st.lists(st.lists(CELLS, min_size=2, max_size=3), min_size=1, max_size=5))
def test_what_was_written_properly_is_read_as_it_was(rows):
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows(rows)
    assert split_rows(text.getvalue(), ",") == rows


@pytest.mark.parametrize(
    ("line", "row"),
    [('5" Floppy,b', ['5" Floppy', "b"]), ('"Loud,b', ['"Loud', "b"]), ('a,"b', ["a", '"b']),
     ('"a" b,c', ["a b", "c"]), ('"a, b" c,d', ["a, b c", "d"])],
)  # fmt: skip
def test_one_quotation_mark_costs_no_other_row(line, row):
    others = [["anna", "b,c"], ["two\nlines", "x"]]
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows(others)
    for lines in (text.getvalue() + line + "\n", line + "\n" + text.getvalue()):
        found = split_rows(lines, ",")
        assert row in found
        assert all(other in found for other in others)


def test_a_list_of_titles_with_one_quotation_mark_is_read(tmp_path):
    rows = [f'Game {k},"Studio, {k}"' for k in range(300)]
    rows.insert(100, '"Loud,Studio')
    (tmp_path / "steam.csv").write_text("title,developer\n" + "\n".join(rows) + "\n")
    read = read_steam(tmp_path / "steam.csv")
    assert len(read.games) == 301
    assert {game.title for game in read.games} >= {'"Loud', "Game 0", "Game 299"}
    assert not read.not_understood
