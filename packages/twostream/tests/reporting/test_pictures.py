"""What holds for every picture, and the layout of each from the smallest to the largest case."""

import re
import xml.etree.ElementTree as ElementTree
from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from twostream.evaluation.calibration import Bin, Calibration
from twostream.evaluation.per_class import ClassResult, TagResult
from twostream.reporting.svg import nice_ticks, shorten, text_width
from twostream.reporting.svg_calibration import calibration_picture
from twostream.reporting.svg_confusion import confusion_picture
from twostream.reporting.svg_curves import curves_picture
from twostream.reporting.svg_gain import GainRow, gain_picture
from twostream.reporting.svg_per_class import per_class_picture, per_tag_picture
from twostream.reporting.svg_results import results_picture
from twostream.reporting.svg_wheel import wheel_picture
from twostream.reporting.tables import ResultRow

SVG = "{http://www.w3.org/2000/svg}"
VALUES = {"top1": 0.5, "top5": 1.0, "mean_class": 0.25}
INTERVALS = {"top1": (0.4, 0.6), "top5": (1.0, 1.0), "mean_class": (0.0, 0.3)}
BOTH = ("spatial", "temporal", "fusion")
TOP1 = {"spatial": 0.0, "temporal": 1.0, "fusion": 0.5}


@given(high=st.floats(1e-3, 1e6), count=st.integers(2, 8), whole=st.booleans())
def test_ticks_are_round_and_reach_the_highest_value(high, count, whole):
    ticks = nice_ticks(high, count, whole=whole)
    assert ticks[0] == 0
    assert ticks[-1] >= high * (1 - 1e-6)
    assert 2 <= len(ticks) <= count + 2
    assert not whole or all(tick.is_integer() for tick in ticks)


def result(protocol, stream):
    return ResultRow(
        protocol=protocol, stream=stream, values=VALUES, intervals=INTERVALS, best=frozenset()
    )


def calibrated(*clips):
    bins = tuple(
        Bin(low=k / 5, high=(k + 1) / 5, clips=n, confidence=(k + 0.5) / 5, accuracy=k % 2)
        for k, n in enumerate(clips)
    )
    return Calibration(ece=0.1, nll=1.0, brier=0.5, bins=bins)


def names(n):
    return tuple(f"SomeClass<{i}>&" for i in range(n))


def rows(n):
    return [
        ClassResult(name=name, clips=3, source_videos=2, top1=TOP1, gain={"temporal": 1.0})
        for name in names(n)
    ]


def tags(n):
    return [
        TagResult(tag="quality", value=name, clips=3, source_videos=2, top1=TOP1, intervals={})
        for name in names(n)
    ]


def counts(n):
    matrix = np.eye(n, dtype=np.int64) * 7
    matrix[0, -1] += 2
    return matrix


def every_picture():
    for n in (2, 13, 51, 101):
        yield confusion_picture(counts(n), names(n), subject="fusion")
        yield per_class_picture(rows(n), BOTH)
        gains = [GainRow(name=m, told="3 clips", gains={"a": 0.3, "b": -0.2}) for m in names(n)]
        yield gain_picture(
            gains, {"a": "temporal", "b": "fusion"}, name="g", title="G", axis="points"
        )
    yield per_tag_picture(tags(16), BOTH)
    yield wheel_picture()
    yield calibration_picture({"spatial": calibrated(1)})
    yield calibration_picture(dict.fromkeys(BOTH, calibrated(1, 900, 3, 0, 30)))
    for streams in (("spatial",), BOTH, (*BOTH, "fusion-weighted-by-validation")):
        yield results_picture([result(p, s) for p in ("one-frame", "25x10") for s in streams])


@pytest.mark.parametrize("picture", list(every_picture()), ids=lambda p: f"{p.name}-{p.height:.0f}")
def test_pictures_are_whole_accessible_and_inside_their_frame(picture):
    root = ElementTree.fromstring(picture.standalone().encode())
    assert root.tag == f"{SVG}svg"
    assert root.get("role") == "img"
    labelled = root.get("aria-labelledby").split()
    found = {e.get("id"): e.text for e in root if e.tag in (f"{SVG}title", f"{SVG}desc")}
    assert set(labelled) == set(found)
    assert all(found.values())
    for text in root.iter(f"{SVG}text"):
        assert_inside(text, picture)
    style = root.find(f"{SVG}style").text
    assert "var(" not in style
    assert "prefers-color-scheme: dark" in style
    assert 'xmlns="' not in picture.inline()


def assert_inside(text, picture):
    """The estimated extent of a text lies in the picture, up to the margin of a label."""
    size = float(re.search(r"font-size: ([\d.]+)px", text.get("style") or "font-size: 13px")[1])
    width = text_width(text.text, size)
    x, y = float(text.get("x")), float(text.get("y"))
    kind = (text.get("class") or "").split()
    start = -width if "end" in kind else -width / 2 if "middle" in kind else 0.0
    if text.get("transform"):
        low, high, limit, across = y - start - width, y - start, picture.height, x
        assert 0 <= across <= picture.width
    else:
        low, high, limit = x + start, x + start + width, picture.width
        assert size * 0.7 <= y <= picture.height
    assert low >= -8
    assert high <= limit + 8


def test_a_cell_for_every_count_with_its_numbers():
    picture = confusion_picture(counts(3), ("a", "b", "c"), subject="fusion")
    assert "a recognised as a: 7 of 9" in picture.body
    assert "a recognised as c: 2 of 9" in picture.body
    assert len(re.findall('class="wrong" fill-opacity', picture.body)) == 1 + 5
    assert "21 of 23 test clips" in picture.description


def test_counts_are_written_where_cells_are_large():
    assert ">7</text>" in confusion_picture(counts(13), names(13), subject="").body
    assert ">7</text>" not in confusion_picture(counts(101), names(101), subject="").body


def test_an_empty_row_is_no_division_by_zero():
    matrix = counts(3)
    matrix[1] = 0
    assert "b: 0 test clips" in confusion_picture(matrix, ("a", "b", "c"), subject="").body


def test_curves_have_both_phases_and_the_epoch_used(history):
    body = curves_picture("spatial", history(), selected_epoch=9).body
    for text in ("head alone", "all layers", "training", "validation", "epoch used (9)"):
        assert text in body


def test_curves_of_the_head_alone_mark_no_epoch(history):
    picture = curves_picture("spatial", history(epochs=0), selected_epoch=0)
    assert "epoch used" not in picture.body
    assert "all layers" not in picture.body


def test_a_single_epoch_is_a_point(history):
    picture = curves_picture("spatial", history(head=0, epochs=1, validated=False))
    assert picture.body.count("<circle") == 2


def test_curves_say_where_training_was_measured_otherwise(history):
    assert "training</text>" in curves_picture("spatial", history()).body
    blended = curves_picture("spatial", history(), blended=True)
    assert "training (blended clips" in blended.body
    of_0_1 = [replace(r, loss=None, objective=7.5) for r in history()]
    old = curves_picture("spatial", of_0_1)
    assert "with penalties: not to be compared" in old.body
    assert "last training loss 7.5" in old.description


def test_curves_leave_out_what_is_no_number(history):
    from dataclasses import replace

    records = [replace(record, loss=float("nan")) for record in history(head=0, epochs=3)]
    assert "nan" not in curves_picture("spatial", records).body


def test_epoch_labels_do_not_touch(history):
    body = curves_picture("spatial", history(head=20, epochs=137)).body
    labels = re.findall(r'<text x="([\d.]+)" y="303" class="muted middle num">(\d+)<', body)
    places = [(float(x), len(number)) for x, number in labels]
    assert len(places) > 8
    for (x, digits), (following, more) in pairwise(places):
        assert following < x or following - x > 4 * (digits + more)


def test_shortened_text_fits():
    for name in ("x" * 80, "跳" * 40, "WWWWWWWWWWWWWWWWWWW", "short"):
        assert text_width(shorten(name, 12, 100), 12) <= 100
