from __future__ import annotations

import numpy as np
import pytest
from twostream.datasets.manifest import read_manifest
from twostream.datasets.problems import read_problems
from twostream.errors import TwostreamError

CUT = "cut.avi"
REASONS = {
    "text.avi": "unreadable data",
    "zeros.avi": "unreadable data",
    "zero bytes.avi": "an empty file",
    "film without its end.mp4": "unreadable data",
    "one frame.avi": "at least 2 decodable frames, found 1",
    "sound.mp4": "no video stream (only audio)",
    "sound with cover.mp4": "cover art but no moving pictures",
    "header only.avi": "found",
}


@pytest.fixture(scope="module")
def broken(tmp_path_factory, write_video, write_audio, moving_texture):
    folder = tmp_path_factory.mktemp("broken")
    film = write_video(folder / "whole.mp4", moving_texture(20), codec="libx264").read_bytes()
    video = write_video(folder / "whole.avi", moving_texture(12)).read_bytes()
    for name in ("whole.mp4", "whole.avi"):
        (folder / name).unlink()
    (folder / "text.avi").write_text("this is not a video\n" * 100)
    (folder / "zeros.avi").write_bytes(bytes(20_000))
    (folder / "zero bytes.avi").touch()
    (folder / "film without its end.mp4").write_bytes(film[: len(film) // 2])
    (folder / "header only.avi").write_bytes(video[: video.index(b"movi") + 4])
    write_video(folder / "one frame.avi", moving_texture(1))
    write_audio(folder / "sound.mp4")
    cover = np.zeros((32, 32, 3), np.uint8)
    write_audio(folder / "sound with cover.mp3", cover=cover).rename(
        folder / "sound with cover.mp4"
    )
    return folder


@pytest.fixture(scope="module")
def prepared(tmp_path_factory, broken, make_source, prepare, write_video, moving_texture):
    source = make_source(tmp_path_factory.mktemp("mixed") / "videos")
    for path in broken.iterdir():
        (source / "left" / path.name).write_bytes(path.read_bytes())
    cut = write_video(source / "right" / CUT, moving_texture(12))
    data = cut.read_bytes()
    cut.write_bytes(data[: data.index(b"movi") + (data.index(b"idx1") - data.index(b"movi")) // 2])
    out = source.parent / "data"
    return out, prepare(source, out)


def test_every_broken_clip_is_listed_and_the_rest_goes_on(prepared):
    out, preparation = prepared
    problems = {problem.source: problem for problem in read_problems(out)}
    assert set(problems) == {f"left/{name}" for name in REASONS} | {f"right/{CUT}"}
    assert preparation.problems == read_problems(out)
    assert [row.clip_id for row in read_manifest(out).rows] == [
        "left/left_0",
        "left/left_1",
        "right/cut",
        "right/right_0",
        "right/right_1",
    ]


@pytest.mark.parametrize("name", REASONS)
def test_the_reason_is_named(prepared, name):
    (problem,) = [p for p in read_problems(prepared[0]) if p.source == f"left/{name}"]
    assert problem.stage == "decode"
    assert REASONS[name] in problem.reason
    assert "internal error" not in problem.reason


def test_a_clip_cut_off_is_used_with_a_warning(prepared):
    (problem,) = [p for p in read_problems(prepared[0]) if p.source == f"right/{CUT}"]
    assert problem.stage == "warning"
    assert "probably cut off" in problem.reason


def test_problems_csv_has_a_line_a_problem(prepared):
    lines = (prepared[0] / "problems.csv").read_text().splitlines()
    assert lines[0] == "source,stage,reason"
    assert len(lines) == 1 + len(REASONS) + 1


def test_a_broken_clip_leaves_nothing_in_the_store(prepared):
    clips = {path.name for path in (prepared[0] / "clips").rglob("*") if path.is_file()}
    assert clips == {"left_0.zip", "left_1.zip", "cut.zip", "right_0.zip", "right_1.zip"}


def test_a_clip_that_was_mended_is_taken_up(
    prepared, prepare, write_video, moving_texture, tmp_path, digest
):
    out, _ = prepared
    source = out.parent / "videos"
    mended = source / "left" / "text.avi"
    text = mended.read_bytes()
    try:
        write_video(mended, moving_texture(3))
        preparation = prepare(source, out)
    finally:
        mended.write_bytes(text)
    assert preparation.reused == 5
    assert "left/text" in {row.clip_id for row in read_manifest(out).rows}
    prepare(source, out)
    assert "left/text" not in {row.clip_id for row in read_manifest(out).rows}


def test_nothing_but_broken_clips_is_an_error(broken, prepare, tmp_path):
    source, out = tmp_path / "videos", tmp_path / "data"
    for class_name in ("a", "b"):
        (source / class_name).mkdir(parents=True)
        for name in ("text.avi", "zero bytes.avi"):
            (source / class_name / name).write_bytes((broken / name).read_bytes())
    with pytest.raises(TwostreamError, match="at least one usable video, found 4 broken ones; see"):
        prepare(source, out)
    assert len(read_problems(out)) == 4
    assert not (out / "manifest.parquet").exists()
