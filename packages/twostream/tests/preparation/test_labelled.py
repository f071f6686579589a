"""From labels of another tool to a prepared data set: the frames that they mean, and a background."""

from __future__ import annotations

import json

import pytest
from odd_videos import write
from twostream.datasets.manifest import read_manifest
from twostream.errors import TwostreamError
from twostream.labelling.options import ClipLabelOptions
from twostream.preparation.dataset import prepare_dataset
from twostream.preparation.options import ExtractionOptions, PrepareOptions
from twostream.preparation.plan import plan_dataset
from twostream.preparation.verification import verify_store


@pytest.fixture
def labelled(tmp_path, write_video, moving_texture):
    """A folder of two videos of 40 frames at 10 a second, and labels of both."""
    videos = tmp_path / "videos"
    videos.mkdir()
    for seed, name in enumerate(("one.mp4", "Two.mp4")):
        write_video(videos / name, moving_texture(40, seed=seed), fps=10)
    rows = [
        ("C:\\films\\ONE.mp4", 0, 10, "drink: cup/glass"),
        ("one.mp4", 20, 25, "wave"),
        ("two.mp4", 10, 20, "drink: cup/glass"),
        ("two.mp4", 30, 35, "wave"),
        ("gone.mp4", 0, 5, "wave"),
    ]
    database: dict = {}
    for name, start, end, label in rows:
        one = database.setdefault(name, {"annotations": []})
        one["annotations"].append({"segment": [start / 10, end / 10], "label": label})
    labels = tmp_path / "labels.txt"
    labels.write_text(json.dumps({"database": database}))
    return labels, videos


def options(videos, **labels):
    extraction = ExtractionOptions(flow="dis")
    return PrepareOptions(
        extraction=extraction, labels=ClipLabelOptions(videos=videos, **labels), workers=1
    )


def test_clips_are_the_frames_that_the_labels_mean(labelled, tmp_path):
    source, videos = labelled
    done = prepare_dataset(source, tmp_path / "data", options(videos))
    manifest = read_manifest(tmp_path / "data")
    assert manifest.classes == ("drink: cup/glass", "wave")
    assert manifest.background is None
    assert {(row.source, row.class_name, row.frames) for row in manifest.rows} == {
        ("one.mp4", "drink: cup/glass", 10),
        ("one.mp4", "wave", 5),
        ("Two.mp4", "drink: cup/glass", 10),
        ("Two.mp4", "wave", 5),
    }
    assert all((tmp_path / "data" / row.path).is_file() for row in manifest.rows)
    assert len({row.group for row in manifest.rows}) == 2
    assert [one.source for one in done.problems] == ["v_gone.mp4"]
    assert verify_store(tmp_path / "data", source=source, workers=1).findings == ()


def test_background_is_planned_and_marked(labelled, tmp_path):
    source, videos = labelled
    plan = plan_dataset(source, tmp_path / "data", options(videos, background="all"))
    # 40 frames less those labelled, in parts of about 0.75 s.
    assert (plan.clips, plan.classes) == (4 + 6, 3)
    assert any(note.startswith("background: 6 clips") for note in plan.notes)
    prepare_dataset(source, tmp_path / "data", options(videos, background="2"))
    manifest = read_manifest(tmp_path / "data")
    assert manifest.background == "background"
    assert sum(row.background for row in manifest.rows) == 2
    with pytest.raises(TwostreamError, match="--background the default instead of 2"):
        prepare_dataset(source, tmp_path / "data", options(videos))


def test_a_table_of_intervals_has_a_background_too(labelled, tmp_path):
    _, videos = labelled
    table = videos / "clips.csv"
    table.write_text("path,label,start_seconds,end_seconds\none.mp4,run,0,1\nTwo.mp4,walk,0,1\n")
    plan = plan_dataset(table, tmp_path / "data", options(None, background="all"))
    assert plan.clips == 2 + 6
    one_class = "path,label,start_seconds,end_seconds\none.mp4,run,0,1\nTwo.mp4,run,0,1\n"
    table.write_text(one_class)
    assert plan_dataset(table, tmp_path / "data", options(None, background="all")).classes == 2
    with pytest.raises(TwostreamError, match="--background largest"):
        plan_dataset(table, tmp_path / "data", options(None))
    table.write_text("path,label\none.mp4,run\nTwo.mp4,walk\n")
    with pytest.raises(TwostreamError, match="parts of longer videos"):
        plan_dataset(table, tmp_path / "data", options(None, background="all"))


@pytest.mark.parametrize("suffix", [".mp4", pytest.param(".mkv", marks=pytest.mark.slow)])
def test_frames_of_a_video_of_variable_rate_are_counted_not_timed(tmp_path, moving_texture, suffix):
    times = [40 * k for k in range(20)] + [800 + 100 * k for k in range(20)]
    write(tmp_path / f"film{suffix}", list(moving_texture(40)), codec="mpeg4", times_ms=times)
    frames = [(10, 25, "run"), (25, 40, "walk")]
    tracks = "".join(
        f'<track id="{n}" label="{label}"><box frame="{first}" outside="0"/>'
        + (f'<box frame="{end}" outside="1"/>' if end < 40 else "")
        + "</track>"
        for n, (first, end, label) in enumerate(frames)
    )
    (tmp_path / "labels.xml").write_text(
        "<annotations><version>1.1</version><meta><task><id>1</id><start_frame>0</start_frame>"
        f"<stop_frame>39</stop_frame><source>film{suffix}</source></task></meta>{tracks}"
        "</annotations>"
    )
    prepare_dataset(tmp_path / "labels.xml", tmp_path / "data", options(None))
    rows = read_manifest(tmp_path / "data").rows
    assert {row.class_name: row.frames for row in rows} == {"run": 15, "walk": 15}
