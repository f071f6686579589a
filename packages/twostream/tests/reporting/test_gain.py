"""The picture of differences class by class."""

import re
import xml.etree.ElementTree as ElementTree

import pytest
from twostream.reporting.svg_gain import GainRow, gain_picture


def picture(*gains, series=("temporal", "fusion")):
    rows = [
        GainRow(name=f"class <{i}>", told="of 3 clips", gains=dict(zip(series, g, strict=True)))
        for i, g in enumerate(gains)
    ]
    colors = dict.fromkeys(series, "right")
    return gain_picture(rows, colors, name="gain", title="Gain", axis="points")


def bars(drawn):
    found = re.findall(
        r'<rect class="bar right" x="([\d.]+)" y="[\d.]+" width="([\d.]+)"', drawn.body
    )
    legend = re.findall(r'<rect class="bar right" x="[\d.]+" y="6" ', drawn.body)
    return [(float(x), float(width)) for x, width in found[len(legend) :]]


def test_bars_go_left_for_a_loss_and_right_for_a_gain():
    drawn = picture((0.5,), (-0.5,), (0.0,), series=("B − A",))
    gained, lost, same = bars(drawn)
    middle = gained[0] + 0.75
    assert gained[1] == pytest.approx(lost[1], abs=0.02)
    assert lost[0] + lost[1] == pytest.approx(middle, abs=0.02)
    assert same[1] < 2


@pytest.mark.parametrize(("largest", "end"), [(0.04, "+10"), (0.3, "+50"), (1.0, "+100")])
def test_the_scale_ends_at_a_round_number_that_holds_all(largest, end):
    drawn = picture((largest, -largest))
    assert f">{end}</text>" in drawn.body
    assert all(width <= 230 for _, width in bars(drawn))


@pytest.mark.parametrize("n", [1, 13, 51, 101])
def test_it_is_well_formed_for_any_number_of_classes(n):
    drawn = picture(*[(0.1 * (i % 5), -0.05) for i in range(n)])
    ElementTree.fromstring(drawn.standalone().encode())
    assert "class &lt;0&gt;" in drawn.body


def test_the_description_counts_classes():
    drawn = picture((0.5, 0.0), (-0.1, 0.0))
    assert "temporal: better in 1 classes, worse in 1, of 2; mean +20.0 points" in drawn.description


def test_bars_of_classes_with_few_clips_are_pale():
    rows = [
        GainRow(name="many", told="of 9 clips", gains={"B − A": 0.5}),
        GainRow(name="few", told="of 1 clip", gains={"B − A": 1.0}, few_clips=True),
    ]
    drawn = gain_picture(rows, {"B − A": "right"}, name="gain", title="Gain", axis="points")
    assert re.findall(r'<rect class="(bar right[^"]*)"', drawn.body) == [
        "bar right",
        "bar right few",
    ]
    assert ".few {" in drawn.standalone()
