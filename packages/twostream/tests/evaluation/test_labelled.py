"""Labelled recordings of a test part."""

from __future__ import annotations

import numpy as np
import pytest
import twostream
from twostream.errors import TwostreamError
from twostream.evaluation.labelled import labelled_recordings
from twostream.events import listening
from twostream.lab.generated.recordings import write_recording
from twostream.timelines.intervals import Interval

HEAD = "path,label,split,start_seconds,end_seconds\n"
TRAINED = "a.mp4,run,train,0,0.4\na.mp4,jump,train,0.5,1\n"
TESTED = "b.mp4,jump,test,0.6,\nb.mp4,run,test,0.1,0.5\n"


def prepared(folder, rows):
    for name in ("a.mp4", "b.mp4", "c.mp4"):
        frames = (np.full((32, 32, 3), 9 * k, np.uint8) for k in range(25))
        write_recording(folder / name, frames)
    table = folder / "table.csv"
    table.write_text(HEAD + TRAINED + rows)
    twostream.prepare(table, out=folder / "data", flow="dis", workers=1)
    return folder / "data"


def test_the_truth_of_a_recording_is_all_its_intervals(tmp_path):
    (found,) = labelled_recordings(prepared(tmp_path, TESTED), split=1)
    assert (found.name, found.path) == ("b.mp4", tmp_path / "b.mp4")
    assert found.truth == (Interval(0.1, 0.5, "run"), Interval(0.6, 1.0, "jump"))


def test_a_recording_that_was_trained_on_in_part_is_left_out_and_told(tmp_path):
    data = prepared(tmp_path, TESTED + "c.mp4,run,test,0,0.4\nc.mp4,jump,train,0.5,1\n")
    told = []
    with listening(told.append):
        found = labelled_recordings(data, split=1)
    assert [one.name for one in found] == ["b.mp4"]
    assert any("c.mp4: left out of the timelines, for 1 of its 2" in str(one) for one in told)


def test_clips_that_are_whole_videos_have_no_timelines(tmp_path):
    data = prepared(tmp_path, "b.mp4,run,test,,\nc.mp4,jump,test,,\n")
    with pytest.raises(TwostreamError, match="no intervals of longer recordings"):
        labelled_recordings(data, split=1)
