"""Predictions as files of labels: which file, what is in it, what is refused before any work."""

from __future__ import annotations

from fractions import Fraction

import av
import numpy as np
import pytest
from twostream.errors import TwostreamError
from twostream.labelling.options import LabelOptions
from twostream.labelling.reading import read_labels
from twostream.prediction.labels import check_labels, intervals_of, write_predicted_labels
from twostream.prediction.naming import Source
from twostream.prediction.results import Prediction
from twostream.timelines.intervals import Interval
from twostream.timelines.window_scores import WindowScores


@pytest.fixture
def prediction(tmp_path, write_video, moving_texture):
    def make(name="film.mp4", *intervals, protocol=None):
        path = tmp_path / name
        write_video(path, moving_texture(20), fps=10)
        scores = np.float32([[0.2, 0.8]])
        windows = WindowScores(
            class_names=["run", "walk"], windows_s=[[0, 2]], fused=scores, fps=10
        )
        return Prediction(source=str(path), windows=windows, protocol=protocol, intervals=intervals)

    return make


def spans(path):
    labels = read_labels(path, LabelOptions(predictions=True))
    return [(s.video, s.label, s.start_s, s.end_s) for s in labels.segments]


def test_intervals_of_several_videos_go_into_a_folder_or_one_project(tmp_path, prediction):
    found = [
        prediction("a.mp4", Interval(0.5, 1.5, "run", 0.9)),
        prediction("b.mp4", Interval(0, 1, "walk", 0.8)),
    ]
    write_predicted_labels(found, "elan", tmp_path / "out")
    assert spans(tmp_path / "out" / "a.eaf") == [("./a.mp4", "run", 0.5, 1.5)]
    assert spans(tmp_path / "out" / "b.eaf") == [("./b.mp4", "walk", 0.0, 1.0)]
    write_predicted_labels(found, "boris", tmp_path / "all.boris")
    assert [one[0] for one in spans(tmp_path / "all.boris")] == ["a.mp4", "b.mp4"]


def test_a_clip_has_its_best_class_all_along(tmp_path, prediction):
    write_predicted_labels([prediction(protocol="25")], "audacity", tmp_path / "x.txt")
    assert [one[1:] for one in spans(tmp_path / "x.txt")] == [("walk", 0.0, 2.0)]


def test_it_ends_with_the_pictures_where_a_header_says_another_length(
    tmp_path, prediction, moving_texture
):
    one = prediction(protocol="25")
    # Fragments whose pictures begin 1.5 s late by their clock, and last 2 s as the header says.
    options = {"movflags": "frag_keyframe+empty_moov+delay_moov"}
    with av.open(one.source, "w", options=options) as file:
        stream = file.add_stream("mpeg4", rate=10)
        stream.height, stream.width = moving_texture(1)[0].shape[:2]
        for k, image in enumerate(moving_texture(20)):
            frame = av.VideoFrame.from_ndarray(image, format="rgb24")
            frame.pts, frame.time_base = k + 15, Fraction(1, 10)
            file.mux(stream.encode(frame))
        file.mux(stream.encode(None))
    write_predicted_labels([one], "audacity", tmp_path / "x.txt")
    assert [spanned[1:] for spanned in spans(tmp_path / "x.txt")] == [("walk", 0.0, 2.0)]


def test_copies_and_pages_of_a_clip_have_that_label_too(prediction):
    one = prediction(protocol="25")
    (held,) = intervals_of(one)
    assert (held.start_s, held.end_s) == (0.0, one.windows.windows_s[-1, 1])
    assert (held.label, held.score) == (one.fused[0].label, one.fused[0].score)


def test_what_cannot_be_written_is_refused_before(tmp_path):
    (tmp_path / "a.vtt").write_text("WEBVTT\n\nmine")
    (tmp_path / "a.eaf").write_text("mine")
    one, two = Source("x/a.mp4"), Source("x/b.mp4")
    for sources, to, target, said in (
        ([one], None, tmp_path / "a.eaf", "--to FORMAT"),
        ([one, two], "elan", tmp_path / "new.eaf", "a folder, for there are 2 sources"),
        ([one], "webvtt", tmp_path / "a.vtt", "nothing tells what a person corrected"),
        ([one], "elan", tmp_path, "an .eaf file"),
    ):
        with pytest.raises(TwostreamError, match=said):
            check_labels(sources, to, target)
    check_labels([one, two], "boris", tmp_path / "new.boris")
    check_labels([one], None, None)
