"""Pictures that no container holds: as fast as they say, or what is assumed is told."""

from __future__ import annotations

from fractions import Fraction

import av
import odd_videos
import pytest
from twostream.datasets.clips import Segment
from twostream.video.decode import open_video
from twostream.video.expected import expected_frames, length_seconds
from twostream.video.oddities import decoding_warning

FRAMES = 20
THAT_TELL = [
    ("h264", "libx264", 50),
    ("h264", "libx264", 10),
    ("hevc", "libx265", 50),
    ("m4v", "mpeg4", 10),
    ("m4v", "mpeg4", Fraction(30_000, 1001)),
    ("mpeg2video", "mpeg2video", 50),
]


def bare(path, codec, rate):
    """20 frames of `codec` and nothing around them."""
    kind = path.suffix[1:]
    options = {"x265-params": "log-level=none"} if codec == "libx265" else {}
    with av.open(str(path), "w", format=kind) as file:
        stream = file.add_stream(codec, rate=rate, options=options)
        stream.width, stream.height = 64, 48
        stream.pix_fmt = "yuvj420p" if codec == "mjpeg" else "yuv420p"
        for image in odd_videos.moving_ramp(FRAMES):
            file.mux(stream.encode(av.VideoFrame.from_ndarray(image, format="rgb24")))
        file.mux(stream.encode(None))
    return path


@pytest.mark.parametrize(("kind", "codec", "rate"), THAT_TELL)
def test_the_rate_that_pictures_tell_is_theirs(tmp_path, kind, codec, rate):
    path = bare(tmp_path / f"a.{kind}", codec, rate)
    with open_video(path) as video:
        assert video.fps == pytest.approx(float(rate))
        assert expected_frames(video) == pytest.approx((FRAMES, float(rate)), rel=1e-6)
        assert length_seconds(video) == pytest.approx(FRAMES / rate)
        assert video.uneven_times() is None
        assert sum(1 for _ in video.frames()) == FRAMES
        assert video.shown.fps(video.fps) == pytest.approx(float(rate))
        assert decoding_warning(video, FRAMES) == ""


@pytest.mark.parametrize("segment", [None, Segment(start_seconds=0.2, end_seconds=0.6)])
def test_a_rate_that_is_assumed_is_told(tmp_path, segment):
    path = bare(tmp_path / "a.mjpeg", "mjpeg", 50)
    with open_video(path) as video:
        part = segment or Segment()
        frames = video.frames(start_seconds=part.start_seconds, end_seconds=part.end_seconds)
        found = sum(1 for _ in frames)
        told = "it says no frame rate: 25 frames a second assumed"
        assert decoding_warning(video, found, segment).startswith(told)


def test_a_file_with_times_says_nothing_of_the_kind(tmp_path):
    path = tmp_path / "a.mp4"
    odd_videos.write(path, odd_videos.moving_ramp(FRAMES))
    with open_video(path) as video:
        assert sum(1 for _ in video.frames()) == FRAMES
        assert decoding_warning(video, FRAMES) == ""
