from __future__ import annotations

from pathlib import Path

import pytest
from twostream.errors import TwostreamError
from twostream.events import Said, listening
from twostream.prediction.naming import Source, find_sources


@pytest.fixture
def videos(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    for name in ("b.mp4", "a.avi", "day 1/c.MOV", "notes.txt", "[x].mp4"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes(b"video")
    return tmp_path


@pytest.mark.parametrize(
    ("named", "found"),
    [
        (["b.mp4", "a.avi"], ["b.mp4", "a.avi"]),
        (["."], ["[x].mp4", "a.avi", "b.mp4", "day 1/c.MOV"]),
        (["*.[am]*"], ["[x].mp4", "a.avi", "b.mp4"]),
        (["day*"], ["day 1/c.MOV"]),
        (["[x].mp4"], ["[x].mp4"]),  # a file of that name comes before a pattern
        (["notes.txt"], ["notes.txt"]),  # who names a file means it
        (["b.mp4", "."], ["b.mp4", "[x].mp4", "a.avi", "day 1/c.MOV"]),
        ([0, "2", "/dev/video3"], [0, 2, 3]),
        (["rtsp://a/b", "https://a/b?c=*"], ["rtsp://a/b", "https://a/b?c=*"]),
    ],
    ids=str,
)
def test_whatever_users_name_is_found(videos: Path, named: list[str], found: list[str]) -> None:
    assert [one.place for one in find_sources(named)] == found
    assert find_sources([f"file://{videos}/b.mp4"]) == [Source(f"{videos}/b.mp4")]


@pytest.mark.parametrize(
    ("named", "told"),
    [
        ([], "found none"),
        (["c.mp4"], "did you mean b.mp4"),
        (["*.mkv"], "no match"),
        (["empty"], "a folder with videos, found no file"),
        (["text"], "none among 1 file"),
    ],
)
def test_where_there_is_nothing_one_line_says_so(videos: Path, named: list[str], told: str) -> None:
    (videos / "empty").mkdir()
    (videos / "text").mkdir()
    (videos / "text" / "a.txt").write_text("a")
    with pytest.raises(TwostreamError, match=told):
        find_sources(named)


def test_what_a_folder_holds_beside_videos_is_counted(videos: Path) -> None:
    (videos / "e").write_bytes(b"a video without an extension")
    heard: list[object] = []
    with listening(heard.append):
        find_sources([".", "b.mp4"])
    lines = [event.message for event in heard if isinstance(event, Said)]
    assert ".: ignored 2 files without a video extension (1 without any, 1 .txt)" in lines
