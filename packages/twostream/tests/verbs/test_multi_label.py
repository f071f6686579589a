"""Several labels at once from labels to networks, reports, timelines and back into a tool."""

import json

import label_sets
import numpy as np
import pytest
import twostream
from twostream.errors import TwostreamError
from twostream.labelling.options import LabelOptions
from twostream.labelling.reading import read_labels

SMALL = {
    "flow": "dis",
    "backbone": "cnn-s",
    "size": 32,
    "stack_length": 4,
    "batch_size": 8,
    "segments": 1,
    "protocols": "25",
}


@pytest.fixture(scope="module")
def learnt(tmp_path_factory):
    folder = tmp_path_factory.mktemp("labels")
    table = label_sets.write_recordings(folder / "videos", recordings=7, test=(6, 7))
    out = folder / "run"
    twostream.run(
        table, out=out, multi_label=True, background="all", epochs=8, samples_per_clip=4,
        validation_fraction=0.25, **SMALL,
    )  # fmt: skip
    return folder


@pytest.mark.slow
def test_two_things_at_once_are_learnt_far_above_chance(learnt):
    results = json.loads((learnt / "run" / "results.json").read_text())
    values = results["protocols"]["25"]["fusion"]
    assert results["multi_label"]
    assert results["classes"] == sorted(label_sets.LABELS)
    assert results["chance_map"] < 0.5
    assert values["map"] > 0.85
    assert values["f1_micro"] > 0.75
    assert "validation clips" in results["thresholds"]["reason"]


@pytest.mark.slow
def test_the_report_says_what_was_left_out(learnt):
    page = (learnt / "run" / "report.html").read_text()
    assert "mean average precision" in page
    assert "left out" in page
    assert 'id="figure-per_label"' in page
    assert "confusion" not in (learnt / "run" / "report").iterdir().__next__().name


@pytest.mark.slow
def test_a_timeline_has_a_lane_a_label_and_goes_into_a_tool_and_bouts(learnt):
    video = learnt / "videos" / "recording_7.avi"
    (found,) = twostream.predict(
        learnt / "run", str(video), timeline=True, to="elan", labels=learnt / "found.eaf",
        intervals=learnt / "found.csv", html=learnt / "found.html", shortest=0.4,
    )  # fmt: skip
    pairs = [
        (a.label, b.label)
        for a in found.intervals
        for b in found.intervals
        if a.start_s <= b.start_s < a.end_s and a.label != b.label
    ]
    assert pairs
    read = read_labels(learnt / "found.eaf", LabelOptions(), only_video=video.name)
    times = sorted((one.label, round(one.start_s, 2), round(one.end_s, 2)) for one in read.segments)
    assert times == sorted(
        (one.label, round(one.start_s, 2), round(one.end_s, 2)) for one in found.intervals
    )
    bouts = twostream.bouts(learnt / "found.csv", videos=learnt / "videos", out=learnt / "bouts")
    assert {row["label"] for row in bouts.rows} == {one.label for one in found.intervals}


@pytest.mark.slow
def test_a_bundle_says_the_same_with_its_thresholds(learnt):
    clip = str(learnt / "videos" / "recording_7.avi")
    twostream.bundle(learnt / "run", out=learnt / "bundle")
    one, other = (
        twostream.predict(learnt / name, clip, protocol="25")[0] for name in ("run", "bundle")
    )
    np.testing.assert_allclose(one.scores["fused"], other.scores["fused"], atol=1e-5)
    assert one.thresholds == other.thresholds is not None
    assert one.to_dict()["labels"] == other.to_dict()["labels"]


@pytest.mark.slow
def test_a_head_alone_learns_several_labels_too(learnt, tmp_path):
    record = twostream.train(
        "spatial", learnt / "run" / "data", out=tmp_path, from_=learnt / "run", epochs=0,
        head="logistic", size=32, stack_length=4,
    )  # fmt: skip
    assert record.record.multi_label if hasattr(record, "record") else record.multi_label
    results = twostream.evaluate(tmp_path, streams="spatial", protocols="25").to_dict()
    assert results["protocols"]["25"]["spatial"]["map"] > results["chance_map"] + 0.2
    assert "source video left out" in results["thresholds"]["reason"]


def test_without_the_option_two_labels_at_once_are_refused_before_any_work(tmp_path):
    table = label_sets.write_recordings(tmp_path / "videos", recordings=1, test=())
    eaf = tmp_path / "videos" / "labels.txt"
    eaf.write_text("0.0\t4.0\twalk\n2.0\t6.0\twave\n")
    table.unlink()
    only = tmp_path / "videos" / "recording_1.avi"
    with pytest.raises(TwostreamError, match=r"one label at a time.*--multi-label"):
        twostream.prepare(eaf, videos=only, out=tmp_path / "data")
    assert not (tmp_path / "data" / "clips").exists()


def test_class_folders_have_one_class_a_clip(tmp_path):
    for name in ("a", "b"):
        (tmp_path / "videos" / name).mkdir(parents=True)
        (tmp_path / "videos" / name / "1.avi").touch()
    with pytest.raises(TwostreamError, match="each clip is of one class"):
        twostream.prepare(tmp_path / "videos", out=tmp_path / "data", multi_label=True)
