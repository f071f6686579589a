from __future__ import annotations

from dataclasses import replace

import pytest
from twostream.preparation.ensure import ClipTask, ensure_clip
from twostream.preparation.estimate import estimate, pending
from twostream.preparation.options import ExtractionOptions


@pytest.fixture(scope="module")
def tasks(tmp_path_factory, write_video, moving_texture):
    """Six clips of 20 frames, of which the first is stored."""
    folder = tmp_path_factory.mktemp("estimate")
    options = ExtractionOptions(flow="dis")
    made = []
    for k in range(6):
        video = write_video(folder / f"{k}.avi", moving_texture(20, seed=k))
        made.append(ClipTask(f"a/{k}", video, folder / "data" / f"{k}.zip", options))
    ensure_clip(made[0])
    return made


def test_what_is_stored_takes_no_more_time(tasks):
    assert pending(tasks) == tasks[1:]
    again = [replace(task, fresh=True) for task in tasks]
    assert pending(again) == again


def test_the_estimate_is_near_what_is_then_stored(tasks, tmp_path):
    found = estimate(tasks, out=tmp_path / "none" / "yet", workers=1)
    assert found.clips == 6
    assert found.frames == pytest.approx(6 * 20, rel=0.1)
    assert found.stored_bytes == pytest.approx(6 * tasks[0].target.stat().st_size, rel=0.15)
    assert found.duration_seconds > 0
    assert found.fits
    assert list(tmp_path.iterdir()) == []


def test_steps_and_segments_count_less(tasks, tmp_path):
    from twostream.datasets.clips import Segment

    half = [replace(task, segment=Segment(0.0, 0.4)) for task in tasks]
    assert estimate(half, out=tmp_path, workers=1).frames == pytest.approx(60, rel=0.1)
    options = ExtractionOptions(flow="dis", step=4)
    sparse = [replace(task, options=options) for task in tasks]
    assert estimate(sparse, out=tmp_path, workers=1).frames == pytest.approx(30, rel=0.1)


@pytest.mark.parametrize(
    ("start", "end", "frames"),
    [(0.0, 1560.0, 6 * 20), (0.4, 1560.0, 6 * 10), (900.0, 1560.0, 0), (900.0, None, 0)],
)
def test_a_segment_counts_as_far_as_its_video_reaches(tasks, tmp_path, start, end, frames):
    from twostream.datasets.clips import Segment

    asked = [replace(task, segment=Segment(start, end)) for task in tasks]
    found = estimate([*tasks, *asked], out=tmp_path, workers=1)
    assert found.frames == pytest.approx(6 * 20 + frames, rel=0.1)


@pytest.mark.parametrize(("fps", "frames"), [(5, 24), (60, 120)])
def test_a_rate_counts_less_and_never_more(tasks, tmp_path, fps, frames):
    options = ExtractionOptions(flow="dis", fps=fps)
    asked = [replace(task, options=options) for task in tasks]
    assert estimate(asked, out=tmp_path, workers=1).frames == pytest.approx(frames, rel=0.1)


def test_a_disk_that_is_too_small_is_said(tasks, tmp_path):
    found = replace(estimate(tasks, out=tmp_path, workers=1), free_bytes=10)
    assert not found.fits
    assert found.text().endswith("NOT ENOUGH ROOM")


def test_nothing_to_do_and_nothing_to_sample(tasks, tmp_path):
    assert estimate([], out=tmp_path, workers=1) is None
    (tmp_path / "no video.avi").write_text("text")
    broken = [replace(tasks[0], source=tmp_path / "no video.avi")]
    assert estimate(broken, out=tmp_path, workers=1) is None
