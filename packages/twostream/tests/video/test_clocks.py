"""Clocks that begin anywhere, or anew, or tell another rate than their header."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import odd_videos
import pytest
from twostream.datasets.clips import Segment
from twostream.video.decode import open_video
from twostream.video.frame_times import IncreasingTimes
from twostream.video.oddities import decoding_warning


def greys(n, first=20, step=4):
    return [np.full((48, 64, 3), first + step * k, np.uint8) for k in range(n)]


def read(path, start=0.0, end=None):
    """Times and mean greys of a part, the rate of its frames, and what was odd."""
    with open_video(path) as video:
        frames = [
            (frame.seconds, round(float(frame.image().mean())))
            for frame in video.shown_frames(start_seconds=start, end_seconds=end)
        ]
        part = None if (start, end) == (0.0, None) else Segment(start, end)
        warning = decoding_warning(video, len(frames), part)
        return *map(list, zip(*frames, strict=True)), video.shown.fps(video.fps), warning


def joined(folder, suffix, container, codec):
    parts = [
        odd_videos.write(
            folder / f"{k}{suffix}",
            greys(20, first=20 + 100 * k),
            codec=codec,
            container=container,
            options={"bf": "2"},
        )
        for k in range(2)
    ]
    path = folder / f"joined{suffix}"
    path.write_bytes(b"".join(part.read_bytes() for part in parts))
    return path


@pytest.mark.parametrize(
    ("suffix", "container", "codec"),
    [
        (".ts", "mpegts", "mpeg2video"),
        (".m2ts", "mpegts", "libx264"),
        (".vob", "vob", "mpeg2video"),
        (".mpg", "mpeg", "mpeg1video"),
        (".m4v", "m4v", "mpeg4"),
    ],
)
def test_the_clock_of_joined_recordings_goes_on(tmp_path, suffix, container, codec):
    path = joined(tmp_path, suffix, container, codec)
    times, whole, fps, _ = read(path)
    assert times == pytest.approx([k / 25 for k in range(40)], abs=1e-5)
    assert fps == 25
    for start, end in ((0.2, 0.6), (0.6, 1.0), (1.0, 1.4), (0.0, 0.9)):
        _, part, fps, _ = read(path, start, end)
        assert part == whole[round(start * 25) : round(end * 25 + 0.49)]
        assert fps == 25


@pytest.mark.parametrize("codec", ["libx264", "mpeg4"])
@pytest.mark.parametrize("cuts", [(0.3, 0.6, 0.9, 1.2), (0.04, 0.5, 1.37), (0.777,)])
def test_every_frame_of_an_avi_with_b_frames_is_in_one_segment(tmp_path, codec, cuts):
    path = odd_videos.write(tmp_path / "a.avi", greys(40), codec=codec, options={"bf": "2"})
    _, whole, _, _ = read(path)
    parts = [read(path, *part) for part in pairwise((0.0, *cuts, None))]
    assert [grey for part in parts for grey in part[1]] == whole
    assert [part[3] for part in parts] == [""] * len(parts)
    for part, (start, end) in zip(parts, pairwise((0.0, *cuts, 1.6)), strict=True):
        assert len(part[1]) == sum(start - 1e-6 <= k / 25 < end - 1e-6 for k in range(40))


def live(path):
    ms = [3_600_000 + 40 * k for k in range(30)]
    return odd_videos.write(path, greys(30), codec="mpeg4", times_ms=ms)


def test_durations_count_from_the_first_frame(tmp_path):
    path = live(tmp_path / "a.mkv")
    with open_video(path) as video:
        assert video.container_seconds == pytest.approx(1.2, abs=0.05)
        assert video.header_frames == pytest.approx(30, abs=1)
    times, _, _, warning = read(path)
    assert (times[0], warning) == (0.0, "")
    assert times[-1] == pytest.approx(29 / 25)


def test_what_is_cut_off_is_told_wherever_its_clock_begins(tmp_path):
    path = live(tmp_path / "a.mkv")
    data = path.read_bytes()
    path.write_bytes(data[: len(data) * 3 // 5])
    assert "probably cut off" in read(path)[3]


@pytest.mark.parametrize("suffix", [".mkv", ".mp4"])
def test_a_slow_part_is_whole_where_its_frames_reach_its_end(tmp_path, suffix):
    ms = [*(40 * k for k in range(25)), *(1000 + 200 * k for k in range(10))]
    path = odd_videos.write(tmp_path / f"a{suffix}", greys(35), codec="mpeg4", times_ms=ms)
    times, _, fps, warning = read(path, 1.0, 2.6)
    assert (len(times), warning) == (8, "")
    assert fps == pytest.approx(5)
    assert "should last 4 s, its frames end after 2" in read(path, 1.0, 5.0)[3]


def test_a_picture_that_stands_still_to_the_end_of_a_segment_misses_nothing(tmp_path):
    ms = [0, 40, 80, 2000, 2040]
    path = odd_videos.write(tmp_path / "a.mkv", greys(5), codec="mpeg4", times_ms=ms)
    assert read(path, 0.0, 1.9)[3] == ""


def test_an_mp4_that_hides_its_first_samples_is_whole(tmp_path):
    path = odd_videos.write(tmp_path / "a.mp4", greys(40), codec="mpeg4", options={"g": "50"})
    trimmed = odd_videos.hide_first_samples(path, count=30)
    times, found, _, warning = read(trimmed)
    assert (len(times), warning) == (10, "")
    assert found == read(odd_videos.write(tmp_path / "b.mp4", greys(40), codec="mpeg4"))[1][30:]
    with open_video(trimmed) as video:
        assert video.stated_seconds == pytest.approx(0.4)


def test_one_wrong_time_leaves_the_clock_alone():
    times = IncreasingTimes(fps=25)
    told = [5.0, 5.04, 0.0, 5.12, 5.16, None, 5.24]
    assert [times.next(seconds) for seconds in told] == pytest.approx([k / 25 for k in range(7)])


def test_a_gap_that_players_do_not_wait_for():
    told = [0.0, 0.04, 500.0, 500.04]
    times = IncreasingTimes(fps=25, longest_gap_seconds=10)
    assert [times.next(seconds) for seconds in told] == pytest.approx([0.0, 0.04, 0.08, 0.12])
    times = IncreasingTimes(fps=25)
    assert [times.next(seconds) for seconds in told] == told
