from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from streamergraph.lettering import ems, overlap


def test_wide_letters_take_more_room():
    assert ems("\u65e5\u672c") == 2
    assert ems("ab") < ems("\u65e5\u672c")


sides = st.tuples(st.integers(0, 9), st.integers(1, 5))
boxes = st.builds(lambda x, y: (x[0], y[0], sum(x), sum(y)), sides, sides)


@given(boxes, boxes)
def test_boxes_overlap_where_they_share_a_cell_of_the_grid(a, b):
    def cells(box):
        return {(x, y) for x in range(box[0], box[2]) for y in range(box[1], box[3])}

    assert overlap(a, b) == overlap(b, a) == bool(cells(a) & cells(b))
