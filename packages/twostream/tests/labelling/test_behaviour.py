"""Labels as bouts: what people disagree on in one video does not stop what is asked of another."""

from __future__ import annotations

from pathlib import Path

import pytest
from twostream.errors import TwostreamError
from twostream.labelling.behaviour import behaviour_of, of_video
from twostream.labelling.options import LabelOptions
from twostream.labelling.segments import LabelledSegment, Labels


def test_people_who_disagree_on_another_video_are_left_aside():
    segments = (
        LabelledSegment("own.mp4", "run", 0, 2),
        *(LabelledSegment("other.mp4", "run", 0, n, annotator=f"{n}") for n in (2, 3)),
    )
    labels = Labels(("ELAN",), segments, (), (), (), ("own.mp4", "other.mp4"))
    with pytest.raises(TwostreamError, match="labels of one person"):
        behaviour_of(Path("x"), labels, LabelOptions())
    found = behaviour_of(Path("x"), of_video(labels, "own"), LabelOptions())
    assert [one.video for one in found.bouts] == ["own"]
    assert found.videos == ("own", "other")
    assert of_video(labels, "third") == labels
