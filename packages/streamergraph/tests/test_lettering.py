from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from streamergraph.lettering import ems, overlap, shortened


def test_wide_letters_take_more_room():
    assert ems("\u65e5\u672c") == 2
    assert ems("ab") < ems("\u65e5\u672c")


@given(st.text(st.sampled_from("aM \u65e5\u672c"), max_size=40), st.floats(1, 30))
def test_a_shortened_text_begins_as_before_and_takes_no_more_room(text, most):
    short = shortened(text, most_ems=most)
    assert ems(short) <= most
    if ems(text) <= most:
        assert short == text
    else:
        assert short.endswith("\u2026")
        assert text.startswith(short[:-1])
        assert ems(text[: len(short)] + "\u2026") > most  # and no shorter than it must be


sides = st.tuples(st.integers(0, 9), st.integers(1, 5))
boxes = st.builds(lambda x, y: (x[0], y[0], sum(x), sum(y)), sides, sides)


@given(boxes, boxes)
def test_boxes_overlap_where_they_share_a_cell_of_the_grid(a, b):
    def cells(box):
        return {(x, y) for x in range(box[0], box[2]) for y in range(box[1], box[3])}

    assert overlap(a, b) == overlap(b, a) == bool(cells(a) & cells(b))
