"""Generated recordings: half of each is actions of known times, the rest is not empty."""

from __future__ import annotations

import itertools

import av
import numpy as np
import pytest
from twostream.datasets.clip_table import scan_table
from twostream.lab.generated.recording_script import RECORDED, draw_script
from twostream.lab.generated.recordings import (
    film,
    recording_name,
    script_of,
    truth_of,
    write_recordings,
)


@pytest.mark.parametrize("seed", range(5))
def test_half_of_a_recording_is_actions_of_one_to_eight_seconds(seed):
    script = draw_script(np.random.default_rng(seed), seconds=600)
    truth = truth_of(script)
    assert sum(one.duration_s for one in truth) == pytest.approx(300, abs=0.04)
    assert all(1 <= one.duration_s <= 8 for one in truth)
    assert {one.label for one in truth} == set(RECORDED)
    assert [one.first for one in script[1:]] == [one.end for one in script[:-1]]
    assert (script[0].first, script[-1].end) == (0, 15000)


def test_some_actions_follow_at_once_and_none_follows_upon_itself():
    truth = truth_of(draw_script(np.random.default_rng(0), seconds=600))
    at_once = [a.end_s == b.start_s for a, b in itertools.pairwise(truth)]
    assert 0.05 < np.mean(at_once) < 0.5
    assert all(a.label != b.label for a, b in itertools.pairwise(truth))


def test_pauses_have_things_in_hands_too():
    script = draw_script(np.random.default_rng(0), seconds=600)
    held = [one.prop is not None for one in script if one.label is None]
    assert 0.2 < np.mean(held) < 0.9


def test_a_recording_is_a_video_and_a_table_that_prepare_reads(tmp_path):
    calls = []
    table = write_recordings(
        tmp_path,
        sides=("train", "test"),
        seconds=6,
        test_seconds=8,
        width_px=48,
        height_px=32,
        on_frame=lambda: calls.append(1),
    )
    assert len(calls) == 25 * (6 + 8)
    with av.open(str(tmp_path / recording_name(2))) as file:
        stream = file.streams.video[0]
        assert (stream.codec_context.name, stream.width, stream.height) == ("h264", 48, 32)
        assert sum(1 for _ in file.decode(stream)) == 200
    scan = scan_table(table)
    assert scan.sides is not None
    assert set(scan.sides.values()) == {"train", "test"}
    truth = truth_of(script_of(seed=0, number=2, seconds=8))
    tested = [clip for clip in scan.clips if scan.sides[clip.clip_id] == "test"]
    assert sorted((c.segment.start_seconds, c.segment.end_seconds) for c in tested) == [
        (one.start_s, one.end_s) for one in truth
    ]
    write_recordings(
        tmp_path,
        sides=("train", "test"),
        seconds=6,
        test_seconds=8,
        on_frame=lambda: calls.append(1),
    )
    assert len(calls) == 25 * (6 + 8)  # what exists is left


def test_a_recording_may_have_sound_that_tells_when_actions_begin(tmp_path):
    write_recordings(
        tmp_path, sides=("test",), seconds=4, width_px=32, height_px=32, with_sound=True
    )
    (truth,) = truth_of(script_of(seed=0, number=1, seconds=4))
    with av.open(str(tmp_path / recording_name(1))) as file:
        sound = [frame.to_ndarray()[0] for frame in file.decode(audio=0)]
        rate = file.streams.audio[0].rate
    loud = np.flatnonzero(np.abs(np.concatenate(sound)) > 0.1)
    assert loud[0] / rate == pytest.approx(truth.start_s, abs=0.1)
    assert (loud[-1] - loud[0]) / rate < 0.25


def test_the_same_seed_films_the_same_frames():
    script = script_of(seed=1, number=2, seconds=4)
    first, second = (
        [frame for frame, _ in zip(film(script, seed=1, number=2), range(3), strict=False)]
        for _ in range(2)
    )
    assert np.array_equal(first, second)
