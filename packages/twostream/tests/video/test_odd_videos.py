from __future__ import annotations

import gc

import av
import numpy as np
import odd_videos
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from twostream.video.decode import open_video
from twostream.video.frame_times import FrameTimes


def decode(path):
    with open_video(path) as video:
        return list(video.frames()), video


def counted(path):
    """How many frames of the first video stream any program can decode."""
    with av.open(str(path)) as container:
        return sum(1 for _ in container.decode(video=0))


def difference(image, other):
    return np.abs(image.astype(int) - other).mean()


@pytest.mark.parametrize("kind", odd_videos.ORDINARY)
def test_it_simply_works(tmp_path, kind):
    path = odd_videos.ORDINARY[kind](tmp_path)
    decoded, video = decode(path)
    assert len(decoded) == counted(path) == odd_videos.FRAMES
    assert video.damaged_packets == 0
    for image, original in zip(decoded, odd_videos.moving_ramp(), strict=True):
        if kind.startswith("grey"):
            original = original @ [0.299, 0.587, 0.114]
            assert np.ptp(image.astype(int), axis=2).max() <= 1
            image = image[..., 0]
        assert image.dtype == np.uint8
        assert difference(image, original) < (40 if kind == "palette" else 12)


@pytest.mark.parametrize(("width", "height"), odd_videos.SIZES)
def test_odd_sizes(tmp_path, width, height):
    frames = odd_videos.moving_ramp(width=width, height=height)
    path = odd_videos.write(tmp_path / "a.mkv", frames, codec="ffv1", pix_fmt="yuv444p")
    decoded, _ = decode(path)
    assert [image.shape for image in decoded] == [(height, width, 3)] * len(frames)


@settings(max_examples=20)
# FFmpeg does not open FFV1 for some sizes of one or two pixels.
@given(width=st.integers(4, 90), height=st.integers(4, 90), n=st.integers(1, 12))
def test_as_many_frames_of_that_size_as_were_written(tmp_path_factory, width, height, n):
    frames = odd_videos.moving_ramp(n, width=width, height=height)
    path = tmp_path_factory.mktemp("any", numbered=True) / "a.mkv"
    odd_videos.write(path, frames, codec="ffv1", pix_fmt="bgr0")
    decoded, _ = decode(path)
    assert len(decoded) == counted(path) == n
    assert all(np.array_equal(*pair) for pair in zip(decoded, frames, strict=True))


@pytest.mark.parametrize("turn", odd_videos.TURNS)
def test_frames_come_out_as_players_show_them(tmp_path, turn):
    matrix, turned = odd_videos.TURNS[turn]
    frames = odd_videos.moving_ramp()
    path = odd_videos.write(tmp_path / "a.mp4", frames, options={"crf": "5"})
    odd_videos.set_display_matrix(path, matrix)
    decoded, _ = decode(path)
    assert len(decoded) == len(frames)
    for image, original in zip(decoded, frames, strict=True):
        assert image.shape == turned(original).shape
        assert difference(image, turned(original)) < 5


def test_frames_are_freed_at_once_without_the_garbage_collector(tmp_path):
    path = odd_videos.write(tmp_path / "a.mp4", odd_videos.moving_ramp())
    odd_videos.set_display_matrix(path, (0, 1, -1, 0))
    gc.collect()
    gc.disable()
    try:
        decode(path)
        frames = [item for item in gc.get_objects() if isinstance(item, av.VideoFrame)]
    finally:
        gc.enable()
    # A decoder of some versions keeps the empty one that it would have filled next.
    kept = [frame for frame in frames if frame.format is not None]
    # One was looked into for its display matrix.
    assert len(kept) <= 1


@pytest.mark.parametrize("suffix", [".mp4", ".mkv", ".webm"])
def test_the_rate_of_irregular_frames_is_their_mean(tmp_path, suffix):
    codec = "libvpx-vp9" if suffix == ".webm" else "libx264"
    path = odd_videos.write(
        tmp_path / f"a{suffix}",
        odd_videos.moving_ramp(),
        codec=codec,
        times_ms=odd_videos.IRREGULAR_MS,
    )
    _, video = decode(path)
    assert video.shown.fps(video.fps) == pytest.approx(odd_videos.IRREGULAR_FPS, rel=0.01)


@given(
    fps=st.floats(1, 240),
    n=st.integers(2, 300),
    start=st.floats(-5, 5),
    seed=st.randoms(use_true_random=False),
)
def test_regular_times_give_the_stated_rate_and_order_does_not_matter(fps, n, start, seed):
    times = [start + k / fps for k in range(n)]
    seed.shuffle(times)
    shown = FrameTimes()
    for time in times:
        shown.add(time)
    assert shown.fps(fps) == fps
    assert shown.fps(3 * fps) == pytest.approx(fps)


def test_without_times_the_stated_rate_holds():
    shown = FrameTimes()
    assert (shown.fps(30.0), shown.end_seconds(30.0)) == (30.0, 0.0)
    shown.add(1.0)
    shown.add(1.0)
    assert shown.fps(30.0) == 30.0


def test_of_several_streams_the_one_that_players_show(tmp_path):
    still = [np.full((48, 64, 3), 90, np.uint8)]
    film = odd_videos.moving_ramp(width=128, height=96)
    path = odd_videos.write_streams(
        tmp_path / "a.mkv", [("mjpeg", "yuvj420p", still), ("libx264", "yuv420p", film)]
    )
    decoded, _ = decode(path)
    assert [image.shape for image in decoded] == [(96, 128, 3)] * len(film)


def test_two_equal_streams_are_not_mixed(tmp_path):
    film = odd_videos.moving_ramp()
    path = odd_videos.write_streams(
        tmp_path / "a.mp4", [("libx264", "yuv420p", film), ("libx264", "yuv420p", film)]
    )
    decoded, _ = decode(path)
    assert len(decoded) == len(film)


def test_a_file_read_in_circles_ends(tmp_path, monkeypatch):
    path = odd_videos.write(tmp_path / "a.mp4", odd_videos.moving_ramp())
    with open_video(path) as video:
        (packet, *_) = video._stream.container.demux(video._stream)

        class Endless:
            def demux(self, stream):
                while True:
                    yield packet

        class Stream:
            container = Endless()
            codec_context = video._stream.codec_context

        video._stream = Stream()
        monkeypatch.setattr("twostream.video.decode.SLACK_BYTES", 1000)
        assert list(video._packets())[-1] is None
        assert video.damaged_packets == 1
