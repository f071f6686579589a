from __future__ import annotations

from xml.etree import ElementTree

from twostream.reporting.svg_ethogram import ethogram
from twostream.timelines.bouts import Bout


def test_a_lane_for_each_label_and_a_bar_for_each_bout():
    bouts = [Bout("a.mp4", "ann", 0, 5, "run"), Bout("b.mp4", "", 1, 1, "cl<p")]
    picture = ethogram(bouts, {"a.mp4": 10.0, "b.mp4": 4000.0, "c": 0.0})
    root = ElementTree.fromstring(picture.standalone().partition("?>")[2])
    said = [one.text for one in root.iter("{http://www.w3.org/2000/svg}title")]
    assert "ann: run, 0.000 to 5.000 s" in said
    assert "cl<p, 1.000 s" in said
    texts = [one.text for one in root.iter("{http://www.w3.org/2000/svg}text")]
    assert {"a.mp4", "b.mp4", "c", "ann: run", "cl<p"} <= set(texts)


def test_two_people_share_a_lane():
    one, other = [Bout("a", "", 0, 5, "run")], [Bout("a", "", 1, 5, "run")]
    alone, both = ethogram(one, {"a": 9.0}), ethogram(one, {"a": 9.0}, against=other)
    assert 'class="temporal"' not in alone.body
    assert both.body.count('class="temporal"') == 2  # in the legend, too
    assert both.height > alone.height


def test_nothing_at_all_is_a_picture():
    assert ethogram([], {}).height > 0
