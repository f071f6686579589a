from __future__ import annotations

import re
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st
from streamergraph.lettering import ems
from streamergraph.reporting.charts import LETTER_SIZE, WIDTH, across, bars, nice, scatter, violin

LABEL = r'<text class="" x="57.0" y="[^"]*" text-anchor="end">([^<]+)<'


@given(st.floats(1e-9, 1e12) | st.integers(1, 10**9) | st.sampled_from([0.3, 1, 1.2, 3575]))
def test_every_line_of_the_grid_says_where_it_is(largest):
    labels = re.findall(LABEL, bars({"a": largest}, label="x", x_title="a", y_title="b"))
    assert len(set(labels)) == 5
    lines = [nice(largest) * k / 4 for k in range(5)]
    assert [float(label.replace(",", "")) for label in labels] == pytest.approx(lines, rel=1e-9)
    assert not any("e" in label for label in labels)


def test_the_grid_below_one_is_not_rounded_to_tenths():
    labels = re.findall(LABEL, bars({"a": 0.3}, label="x", x_title="a", y_title="b"))
    assert labels == ["0", "0.08", "0.16", "0.24", "0.32"]


NAME = re.compile(r'class="strong" x="([^"]+)" y="([^"]+)" text-anchor="(\w+)">([^<]+)<')


def rooms(text):
    """Where each name stands (left, right, base line), if a full-width letter is a square."""
    for x, y, anchor, name in NAME.findall(text):
        width = sum(
            LETTER_SIZE * (1 if unicodedata.east_asian_width(c) == "W" else 0.5) for c in name
        )
        left = float(x) - (width if anchor == "end" else 0)
        yield left, left + width, float(y)


def test_names_beside_bars_begin_inside_the_chart_whatever_their_script():
    text = str(
        across(
            {"\u65e5" * 40: 1.0, "Counter-Strike: Global Offensive": 1.0}, label="x", x_title="a"
        )
    )
    wide, narrow = re.findall(r'<text class="" x="([^"]+)"[^>]*>([^<]+)<', text)
    assert float(wide[0]) - LETTER_SIZE * ems(wide[1]) >= 0
    assert wide[1].endswith("\u65e5\u2026")
    assert narrow[1] == "Counter-Strike: Global Offensive"


names = st.text(st.sampled_from("aMx\u65e5\u672c\u8a9e\ud55c"), min_size=1, max_size=25)
places = st.tuples(st.integers(0, 100), st.integers(0, 100), st.just(1.0), names)


@given(st.lists(places, min_size=1, max_size=12))
def test_no_name_lies_over_another_or_ends_outside_whatever_its_script(points):
    shown = list(rooms(str(scatter(points, label="x", x_title="a", y_title="b", named=12))))
    assert shown
    for k, (left, right, y) in enumerate(shown):
        assert left >= 0
        assert right <= WIDTH + 0.1
        for other_left, other_right, other_y in shown[:k]:
            assert abs(y - other_y) > 13.8 or left > other_right - 0.2 or other_left > right - 0.2


def test_a_full_width_name_keeps_another_off_its_second_half():
    # Thirteen pixels a letter: the first name ends after 300 of the 684 pixels, not after 180.
    points = [(0, 5, 1.0, "\u65e5" * 22), (38, 5, 1.0, "second"), (100, 9, 1.0, "far")]
    shown = NAME.findall(str(scatter(points, label="x", x_title="a", y_title="b", named=3)))
    assert [name for *_, name in shown] == ["\u65e5" * 22, "second", "far"]
    first, second = (float(y) for _, y, *_ in shown[:2])
    assert abs(first - second) > 13.8


def test_no_name_lies_over_the_circle_of_another_where_there_is_room():
    points = [
        (50, 5, 9.0, "first"),
        (55, 5, 9.0, "second"),
        (45, 5, 9.0, "third"),
        (9, 9, 1, "far"),
    ]
    text = str(scatter(points, label="x", x_title="a", y_title="b", named=4))
    circles = [
        tuple(map(float, one)) for one in re.findall(r'cx="(.+?)" cy="(.+?)" r="(.+?)"', text)
    ]
    shown = list(rooms(text))
    assert len(shown) == 4
    for left, right, base_line in shown:
        for x, y, radius in circles:
            assert right <= x - radius or left >= x + radius or abs(base_line - 4 - y) >= radius


@pytest.mark.parametrize(
    "chart",
    [bars({"a": 1}, label="x", x_title="Across", y_title="Up"),
     scatter([(1, 1, 1, "a")], label="x", x_title="Across", y_title="Up", named=1),
     across({"a": 1}, label="x", x_title="Across"), violin([1, 2], label="x", x_title="Across")],
)  # fmt: skip
def test_axes_say_what_they_measure(chart):
    text = str(chart)
    titles = re.findall(r'class="title" x="[^"]+" y="([^"]+)"[^>]*>([^<]+)<', text)
    assert [title for _, title in titles] in (["Across", "Up"], ["Across"])
    height = float(re.search(r'viewBox="0 0 \S+ (\S+)"', text)[1])
    assert all(10 <= float(y) <= height - 6 for y, _ in titles)
