"""Truth over prediction as a picture."""

from __future__ import annotations

import xml.etree.ElementTree as ElementTree

from twostream.reporting.svg_timeline import timeline_picture
from twostream.timelines.intervals import Interval
from twostream.timelines.measures import Recording

SVG = "{http://www.w3.org/2000/svg}"
ONE = Recording(
    name="a <b>.mp4",
    truth=[Interval(10, 20, "run & jump"), Interval(30, 40, "sit")],
    found=[Interval(12, 20, "run & jump", 0.9), Interval(50, 55, "new", 0.6)],
    duration_s=100.0,
    fps=10.0,
)


def test_every_interval_is_there_with_its_times_and_so_is_what_differs():
    root = ElementTree.fromstring(timeline_picture(ONE, name="one").standalone().split("\n", 1)[1])
    kinds = [rect.get("class") for rect in root.iter(f"{SVG}rect")]
    assert kinds.count("whisker") == 1 + 2
    assert kinds.count("bar fusion") == 1 + 2
    assert kinds.count("wrong") == 3
    texts = [text.text for text in root.iter(f"{SVG}text")]
    assert {"run & jump", "sit", "new", "not the same", "0:00.00"[:4]} <= set(texts)
    hints = [title.text for title in root.iter(f"{SVG}title")]
    assert "true: sit, 30.00 to 40.00 s" in hints
    assert "found: new, 50.00 to 55.00 s, score 0.60" in hints
    assert "for 17.0 of 100.0 s" in root.find(f"{SVG}desc").text


def test_a_recording_without_any_interval_has_a_picture_too():
    nothing = Recording(name="a", truth=[], found=[], duration_s=3.0)
    ElementTree.fromstring(timeline_picture(nothing, name="a").standalone().split("\n", 1)[1])
