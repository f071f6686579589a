from __future__ import annotations

from itertools import pairwise

import av
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from twostream.video.choosing import chosen_frames, nearest_to_moments
from twostream.video.decode import open_video
from twostream.video.frame_times import IncreasingTimes


def chosen(times, fps):
    return list(nearest_to_moments(times, fps=fps, seconds_of=float))


# Whole microseconds, as videos are read; the gaps of variable rates are anything.
gaps = st.lists(st.integers(1_000, 400_000), min_size=1, max_size=60)
rates = st.one_of(st.integers(1, 120).map(float), st.floats(0.5, 120))


@given(gaps=gaps, start=st.integers(0, 10**9), fps=rates)
def test_frames_are_distinct_in_order_and_nearest_to_a_moment_each(gaps, start, fps):
    times = list((start + np.cumsum([0, *gaps])) / 1e6)
    found = chosen(times, fps)
    assert found[0] == times[0]
    assert all(a < b for a, b in pairwise(found))
    assert set(found) <= set(times)
    last_half = min(times[-1] - times[-2], 1 / fps) / 2
    moments = np.arange(0, times[-1] - times[0] + last_half - 2e-6, 1 / fps)
    distances = np.abs(np.asarray(times)[None] - times[0] - moments[:, None])
    slack = 4e-6 + 1e-9 * fps
    nearest = distances <= distances.min(axis=1, keepdims=True) + slack
    for one in found:  # each is nearest to some moment
        assert nearest[:, times.index(one)].any()
    for row in nearest:  # and each moment has its nearest frame among them
        assert any(times[k] in found for k in np.flatnonzero(row))


@given(gaps=gaps, fps=rates)
def test_a_video_of_fewer_frames_gives_each_once(gaps, fps):
    times = list(np.cumsum([0, *gaps]) / 1e6)
    slowest = min(gaps) / 1e6
    if fps * slowest >= 1.001:
        assert chosen(times, fps) == times


@pytest.mark.parametrize("rate", [10, 15, 23.976, 24, 25, 29.97, 30, 50, 59.94, 60, 120])
@pytest.mark.parametrize("ticks", [1_000, 90_000, 1_000_000])
def test_the_rate_of_the_video_itself_takes_every_frame(rate, ticks):
    # Containers round times to their ticks: a millisecond in Matroska.
    times = [round(round(k / rate * ticks) / ticks, 6) for k in range(3000)]
    assert chosen(times, rate) == times


@pytest.mark.parametrize(("rate", "asked", "step"), [(60, 30, 2), (30, 10, 3), (25, 5, 5)])
def test_a_whole_fraction_takes_what_a_step_does(rate, asked, step):
    times = [round(k / rate, 6) for k in range(100)]
    assert chosen(times, asked) == times[::step]


def test_no_frame_at_all():
    assert chosen([], 25) == []
    assert chosen([3.0], 25) == [3.0]


def test_frames_of_a_file_at_irregular_times(tmp_path):
    path = tmp_path / "a.mkv"
    times_ms = [0, 10, 20, 100, 300, 310, 333, 400, 900]
    with av.open(str(path), "w") as container:
        stream = container.add_stream("ffv1", rate=1000)
        stream.width, stream.height, stream.pix_fmt = 32, 32, "yuv444p"
        for k, time in enumerate(times_ms):
            frame = av.VideoFrame.from_ndarray(np.full((32, 32, 3), 20 * k, np.uint8), "rgb24")
            frame.pts = time
            container.mux(stream.encode(frame))
        container.mux(stream.encode())
    with open_video(path) as video:
        found = [
            (frame.seconds, int(frame.image().mean().round(-1)))
            for frame in chosen_frames(video.shown_frames(), fps=10)
        ]
    # Moments 0.0, 0.1 … 0.9; nothing lies near 0.5 to 0.8, which repeats no frame.
    assert found == [(0.0, 0), (0.1, 60), (0.3, 80), (0.4, 140), (0.9, 160)]


def test_times_that_stand_still_or_go_back_still_increase(tmp_path, write_video, moving_texture):
    path = write_video(tmp_path / "a.avi", moving_texture(5))
    with open_video(path) as video:
        told = iter([0.0, 0.04, 0.0, 0.0, 0.2])
        video._told_seconds = lambda frame: next(told)
        times = [frame.seconds for frame in video.shown_frames()]
    assert times == [0.0, 0.04, 0.08, 0.12, 0.2]


@pytest.mark.parametrize("suffix", [".avi", ".mp4"])
def test_times_that_go_back_and_forth_cost_no_frame(tmp_path, write_video, suffix):
    # Those of B-frames in AVI do; the frames come in the order in which they are shown.
    frames = [np.full((32, 32, 3), 20 + 10 * k, np.uint8) for k in range(20)]
    path = write_video(tmp_path / f"a{suffix}", frames, codec="libx264", options={"bf": "2"})
    for start, end, fps in ((0.0, None, 25), (0.0, None, 40), (0.2, 0.6, None), (0.2, 0.6, 25)):
        with open_video(path) as video:
            shown = video.shown_frames(start_seconds=start, end_seconds=end)
            found = [
                round((frame.image().mean() - 20) / 10) for frame in chosen_frames(shown, fps=fps)
            ]
        assert found == list(range(found[0], found[0] + len(found)))
        assert len(found) == (20 if end is None else 10)


@given(told=st.lists(st.integers(0, 10**7), max_size=40), fps=st.floats(0.1, 240))
def test_times_increase_whatever_a_file_says_and_stay_where_they_do(told, fps):
    told = [k / 1e6 for k in told]
    times = IncreasingTimes(fps)
    found = [times.next(seconds) for seconds in told]
    assert all(a < b for a, b in pairwise(found))
    ordered, times = sorted({0.0, *told}), IncreasingTimes(fps)
    assert [times.next(seconds) for seconds in ordered] == ordered


def test_a_time_that_is_told_twice_costs_no_frame(tmp_path, write_video, moving_texture):
    # So XviD files tell it: late, then caught up with by telling one time twice.
    path = write_video(tmp_path / "a.avi", moving_texture(12))
    raw = [k / 25 for k in (0, 1, 3, 4, 5, 6, 6, 7, 9, 9, 10, 12)]
    for fps in (25, 29, 60):
        with open_video(path) as video:
            told = iter(raw)
            video._told_seconds = lambda frame, told=told: next(told)
            assert len(list(chosen_frames(video.shown_frames(), fps=fps))) == 12


@pytest.mark.shared
@pytest.mark.slow
def test_real_videos_lose_no_frame_at_their_own_rate_and_above(shared_data):
    for path in sorted((shared_data / "ucf101" / "videos").rglob("*.avi")):
        for factor in (1.0, 1.16, 2.4):
            with open_video(path) as video:
                shown = [frame.seconds for frame in video.shown_frames()]
                assert chosen(shown, video.fps * factor) == shown
