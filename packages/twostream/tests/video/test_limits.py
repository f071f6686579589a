"""Videos of strangers: nothing leads elsewhere, and no more is read than is allowed."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pytest
from twostream.errors import TwostreamError
from twostream.video.decode import open_video
from twostream.video.limits import LimitError, Limits

sys.path.insert(0, str(Path(__file__).resolve().parents[4] / "scripts"))
from hostile_videos import Listener, encoded, grey, pointing

LIMITS = Limits(most_pixels=10_000, most_seconds=2.0)


def count(path, limits=LIMITS):
    with open_video(path, limits=limits) as video:
        return sum(1 for _ in video.frames())


@pytest.fixture
def listener():
    one = Listener()
    yield one
    one.close()


def test_what_points_elsewhere_is_refused_and_leads_nowhere(tmp_path, listener):
    target = tmp_path / "secret.mp4"
    target.write_bytes(encoded([np.full((64, 64, 3), 220, np.uint8)] * 4))
    assert count(target) == 4
    for k, (name, content) in enumerate(pointing(target, listener.port).items()):
        place = tmp_path / f"{k}{Path(name).suffix}"
        place.write_bytes(content)
        try:
            with open_video(place, limits=LIMITS) as video:
                # A MOV file whose samples are said to lie elsewhere shows its own.
                assert all(image.mean() < 150 for image in video.frames()), name
        except TwostreamError:
            continue
    assert listener.came == 0


@pytest.mark.parametrize("kind", ["mp4", "avi", "matroska", "mpegts", "mov"])
def test_a_proper_video_is_read_within_the_limits(tmp_path, kind):
    place = tmp_path / "video.bin"
    codec = "mpeg2video" if kind == "mpegts" else "mpeg4"
    place.write_bytes(encoded(grey(12), kind=kind, codec=codec))
    assert count(place) == count(place, limits=None) == 12


@pytest.mark.parametrize(
    ("codec", "kind"), [("mpeg4", "mp4"), ("mjpeg", "mjpeg"), ("mjpeg", "avi")]
)
def test_larger_pictures_are_refused_by_what_the_header_says(tmp_path, codec, kind):
    place = tmp_path / "large"
    place.write_bytes(encoded(grey(2, 160, 128), codec=codec, kind=kind))
    with pytest.raises(LimitError, match=r"at most 0\.01 megapixels"):
        count(place)


def test_pictures_that_grow_much_are_not_decoded(tmp_path):
    place = tmp_path / "grows.mjpeg"
    large = encoded(grey(2, 512, 512), codec="mjpeg", kind="mjpeg")
    place.write_bytes(encoded(grey(3), codec="mjpeg", kind="mjpeg") + large)
    with open_video(place, limits=LIMITS) as video:
        sizes = {image.shape[:2] for image in video.frames()}
        assert (sizes, video.damaged_packets) == ({(64, 64)}, 2)


def test_pictures_that_grow_a_little_are_refused(tmp_path):
    place = tmp_path / "grows.mjpeg"
    large = encoded(grey(2, 160, 128), codec="mjpeg", kind="mjpeg")
    place.write_bytes(encoded(grey(3), codec="mjpeg", kind="mjpeg") + large)
    with pytest.raises(LimitError, match="found 160x128"):
        count(place)


@pytest.mark.parametrize("kind", ["mp4", "matroska", "avi"])
def test_longer_videos_are_refused_by_what_the_header_says(tmp_path, kind):
    place = tmp_path / "long"
    place.write_bytes(encoded(grey(60), kind=kind))
    with pytest.raises(LimitError, match=r"at most 2 s of video, found 2 s"):
        count(place)


def test_a_header_that_says_less_than_there_is_does_not_help(tmp_path, promise_frames):
    place = tmp_path / "lying.avi"
    place.write_bytes(encoded(grey(80), kind="avi"))
    promise_frames(place, 10)
    with pytest.raises(LimitError, match="at most 2 s"):
        count(place)
