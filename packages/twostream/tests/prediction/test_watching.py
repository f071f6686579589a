"""`predict --html` and `--overlay`: what is found, to be watched."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from twostream.cli.main import run_command
from twostream.lab.generated.recordings import film, script_of, write_recording
from twostream.video.decode import open_video


@pytest.fixture(scope="module")
def video(tmp_path_factory: pytest.TempPathFactory) -> Path:
    target = tmp_path_factory.mktemp("videos") / "a film.mp4"
    frames = film(
        script_of(seed=0, number=1, seconds=2), seed=0, number=1, width_px=48, height_px=48
    )
    write_recording(target, frames)
    return target


def test_a_page_and_a_copy_of_one_video(run: Path, video: Path, tmp_path: Path) -> None:
    page, copy = tmp_path / "out" / "page.html", tmp_path / "over.mp4"
    words = ["predict", str(run), str(video), "--timeline", "--engine", "torch"]
    assert run_command([*words, "--html", str(page), "--overlay", str(copy)]) == 0
    assert 'src="../over.mp4"' in page.read_text(encoding="utf-8")
    with open_video(copy) as opened:
        frames = list(opened.frames())
    assert len(frames) == 50
    assert frames[0].shape == (384, 384, 3)


def test_several_videos_get_a_folder_and_names_of_their_own(
    run: Path, video: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
        shutil.copy(video, tmp_path / name / "film.mp4")
    sources = [str(tmp_path / name / "film.mp4") for name in ("a", "b")]
    words = ["predict", str(run), *sources, "--engine", "torch", "--html"]
    assert run_command([*words, str(tmp_path / "pages.html")]) == 2
    assert "--html: expected a folder, for there are 2 sources" in capsys.readouterr().err
    assert run_command([*words, str(tmp_path / "pages")]) == 0
    made = sorted(path.name for path in (tmp_path / "pages").iterdir())
    assert made == ["film-2.html", "film.html"]
    assert 'src="../a/film.mp4"' in (tmp_path / "pages" / "film.html").read_text("utf-8")


def test_what_cannot_be_copied_is_said_before_anything_is_looked_at(
    run: Path, video: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run_command(["predict", str(run), "rtsp://host/1", "--overlay", "o.mp4"]) == 2
    assert "--overlay: expected video files" in capsys.readouterr().err
    words = ["predict", str(run), str(video), "--overlay", str(tmp_path / "o.gif")]
    assert run_command(words) == 2
    assert "--overlay: expected a file that ends in .mp4, .mov or .mkv" in capsys.readouterr().err
    assert run_command([*words[:-1], str(video)]) == 2
    assert "which nothing is written" in capsys.readouterr().err
