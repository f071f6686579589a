"""What somebody else wrote is never replaced; what we wrote is."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import odd_videos
import polars as pl
import pytest
from twostream.cli.main import run_command
from twostream.errors import TwostreamError
from twostream.own_files import require_own_csv, require_own_parquet
from twostream.verbs.flow import flow

LABELS = "video,start_s,end_s,label\na.mp4,0,1,groom\n"


@pytest.fixture(scope="module")
def video(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place: Path = tmp_path_factory.mktemp("videos") / "a.mp4"
    return Path(odd_videos.write(place, odd_videos.moving_ramp(4), codec="mpeg4"))


@pytest.mark.parametrize("name", ["out.csv", "out.mp4"])
def test_flow_replaces_its_own_files_alone(video: Path, tmp_path: Path, name: str) -> None:
    out = tmp_path / name
    for _ in range(2):
        flow(video, out=out, flow="dis")
    others = video.read_bytes() if name == "out.mp4" else LABELS.encode()
    out.write_bytes(others)
    with pytest.raises(TwostreamError, match=r"found another file; choose another --out"):
        flow(video, out=out, flow="dis")
    assert out.read_bytes() == others
    out.write_bytes(b"")  # nothing to be lost
    flow(video, out=out, flow="dis")


@pytest.mark.parametrize("name", ["out.png", "out.jpg", "out.npy", "out.flo"])
def test_the_flow_of_two_pictures_replaces_flow_alone(tmp_path: Path, name: str) -> None:
    pictures = [tmp_path / f"{k}.png" for k in range(3)]
    for k, path in enumerate(pictures):
        cv2.imwrite(str(path), np.full((24, 32, 3), 40 * k, np.uint8))
    out = tmp_path / name
    for _ in range(2):
        flow(*pictures[:2], out=out, flow="dis")
    if out.suffix in (".png", ".jpg"):
        assert cv2.imread(str(out)).shape == (24, 32, 3)
        cv2.imwrite(str(out), cv2.imread(str(pictures[2])))
    elif out.suffix == ".npy":
        np.save(out, np.zeros(5))
    else:
        out.write_text("mine")
    before = out.read_bytes()
    with pytest.raises(TwostreamError, match="found another file"):
        flow(*pictures[:2], out=out, flow="dis")
    assert out.read_bytes() == before


@pytest.mark.parametrize("flag", ["--csv", "--parquet", "--intervals", "--html", "--overlay"])
def test_predict_leaves_the_files_of_others(
    video: Path, tmp_path: Path, flag: str, capsys: pytest.CaptureFixture[str]
) -> None:
    place = tmp_path / {"--html": "a.html", "--overlay": "a.mp4"}.get(flag, "labels.csv")
    place.write_text(LABELS)
    assert run_command(["predict", str(tmp_path), str(video), flag, str(place)]) == 2
    assert f"choose another {flag}, or remove it" in capsys.readouterr().err
    assert place.read_text() == LABELS


@pytest.mark.parametrize("flag", ["--html", "--overlay"])
def test_a_folder_for_several_pages_or_copies_is_looked_into(
    video: Path, tmp_path: Path, flag: str, capsys: pytest.CaptureFixture[str]
) -> None:
    before = video.read_bytes()
    run, out = tmp_path / "run", tmp_path / "out"
    run.mkdir()
    out.mkdir()
    words = ["predict", str(run), str(video), flag]
    if flag == "--overlay":  # the copy would have the place of the video
        assert run_command([*words, str(video.parent)]) == 2
        assert "found SOURCE itself" in capsys.readouterr().err
    (out / f"a{'.html' if flag == '--html' else '.mp4'}").write_text("mine")
    assert run_command([*words, str(out)]) == 2
    assert "another file" in capsys.readouterr().err
    assert video.read_bytes() == before


def test_tables_are_told_by_their_first_columns(tmp_path: Path) -> None:
    path = tmp_path / "a.parquet"
    pl.DataFrame({"source": ["a"], "stream": ["fused"], "x": [np.float32(1)]}).write_parquet(path)
    require_own_parquet(path, ["source", "stream"], flag="--out", what="features")
    with pytest.raises(TwostreamError):
        require_own_parquet(path, ["source", "features"], flag="--out", what="features")
    with pytest.raises(TwostreamError):
        require_own_csv(path, ["source", "stream"], flag="--out", what="features")
