from __future__ import annotations

import unicodedata

import pytest
from twostream.labelling.videos import AmbiguousVideoError, VideoIndex


@pytest.fixture
def index(tmp_path):
    for name in ("day 1/a.mp4", "day 2/a.mp4", "Kitchen.MP4", "Küche.webm", "v_abc.mkv", "x.y.avi"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).touch()
    (tmp_path / "0a1b2c3d-up.mp4").touch()
    (tmp_path / "notes.txt").touch()
    return VideoIndex(tmp_path)


@pytest.mark.parametrize(
    ("name", "found"),
    [
        ("Kitchen.MP4", "Kitchen.MP4"),
        ("kitchen.mp4", "Kitchen.MP4"),
        ("KITCHEN", "Kitchen.MP4"),
        ("kitchen.avi", "Kitchen.MP4"),
        ("C:\\Users\\me\\Videos\\kitchen.mp4", "Kitchen.MP4"),
        ("./somewhere/../kitchen.mp4", "Kitchen.MP4"),
        ("file:///media/my%20disk/kitchen.mp4", "Kitchen.MP4"),
        ("https://example.org/videos/kitchen.mp4?token=1", "Kitchen.MP4"),
        (unicodedata.normalize("NFD", "Küche.mp4"), "Küche.webm"),
        ("K%C3%BCche.webm", "Küche.webm"),
        ("abc", "v_abc.mkv"),
        ("v_abc", "v_abc.mkv"),
        ("up.mp4", "0a1b2c3d-up.mp4"),
        ("x.y", "x.y.avi"),
        ("day 2\\a.mp4", "day 2/a.mp4"),
        ("/other/disk/Day 1/A.mp4", "day 1/a.mp4"),
        ("absent.mp4", None),
        ("", None),
    ],
)
def test_a_video_is_found_however_it_is_spelled(index, name, found):
    path = index.find(name)
    assert (path and index.relative(path)) == found


def test_a_name_of_several_videos_is_not_guessed(index):
    with pytest.raises(AmbiguousVideoError, match="day 1"):
        index.find("a.mp4")


def test_the_only_video(index, tmp_path):
    assert index.only is None
    one = VideoIndex(tmp_path / "Kitchen.MP4")
    assert one.only == tmp_path / "Kitchen.MP4"
    assert one.find("kitchen.mp4") == one.only
