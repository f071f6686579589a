from __future__ import annotations

import shutil

import pytest
from twostream.datasets.official_names import OFFICIAL_CLASSES
from twostream.datasets.problems import read_problems
from twostream.errors import TwostreamError
from twostream.verbs.prepare import prepare


@pytest.mark.usefixtures("shown")
def test_a_dry_run_says_what_would_be_done_and_writes_nothing(small_videos, tmp_path, capsys):
    plan = prepare(small_videos, out=tmp_path / "data", flow="dis", dry_run=True, workers=1)
    assert (plan.clips, plan.reused) == (12, 0)
    assert plan.frames == pytest.approx(12 * 14, rel=0.1)
    said = capsys.readouterr().out
    assert "12 clips of 3 classes would go into" in said
    assert "frames of 12 clips to extract" in said
    assert said.endswith("nothing was written\n")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.usefixtures("shown")
def test_a_dry_run_counts_what_is_there(small_videos, small_data, tmp_path, capsys):
    data = shutil.copytree(small_data, tmp_path / "data")
    (data / "clips" / "down" / "v_down_g01_c01.zip").unlink()
    plan = prepare(small_videos, out=data, flow="dis", dry_run=True, workers=1)
    assert (plan.clips, plan.reused) == (12, 11)
    assert "(11 are there already)" in capsys.readouterr().out
    assert not (data / "clips" / "down" / "v_down_g01_c01.zip").exists()


def test_strict_finishes_and_then_fails(small_videos, small_data, tmp_path):
    videos = shutil.copytree(small_videos, tmp_path / "videos")
    data = shutil.copytree(small_data, tmp_path / "data")
    assert prepare(videos, out=data, flow="dis", strict=True, workers=1).problems == ()
    (videos / "down" / "broken.avi").write_text("no video")
    (videos / "empty class").mkdir()
    (videos / "loose.avi").touch()
    with pytest.raises(
        TwostreamError, match=r"\(--strict\), found 3 problems; see .*problems\.csv"
    ):
        prepare(videos, out=data, flow="dis", strict=True, workers=1)
    assert (data / "manifest.parquet").exists()
    assert {row.source for row in read_problems(data)} == {
        "down/broken.avi",
        "empty class",
        "loose.avi",
    }
    assert len(prepare(videos, out=data, flow="dis", workers=1).problems) == 3


def test_problems_of_classes_that_were_not_chosen_are_nobody_s(small_videos, tmp_path):
    videos = shutil.copytree(small_videos, tmp_path / "videos")
    (videos / "empty class").mkdir()
    (videos / "down" / "nothing.avi").touch()
    options = {"flow": "dis", "strict": True, "workers": 1}
    assert prepare(videos, out=tmp_path / "a", classes="left,right", **options).problems == ()
    with pytest.raises(TwostreamError, match="1 problem"):
        prepare(videos, out=tmp_path / "b", classes="down,right", **options)


@pytest.mark.usefixtures("shown")
def test_a_few_clips_of_an_official_data_set_are_not_compared_with_all(
    small_videos, tmp_path, capsys
):
    lists = tmp_path / "lists"
    lists.mkdir()
    videos = tmp_path / "videos"
    for folder, name in zip(
        sorted(small_videos.iterdir()), OFFICIAL_CLASSES["ucf101"], strict=False
    ):
        shutil.copytree(folder, videos / name)
    names = sorted(path.relative_to(videos).as_posix() for path in videos.rglob("*.avi"))
    for side, part in (("train", names[::2]), ("test", names[1::2])):
        (lists / f"{side}list01.txt").write_text("\n".join(part))
    options = {"annotations": lists, "flow": "dis", "workers": 1}
    few = prepare(videos, out=tmp_path / "few", limit=6, **options)
    assert few.official is None
    line = "note: --limit leaves out 6 of 12 clips of ucf101: no table of what is there"
    assert line in capsys.readouterr().out.splitlines()
    assert prepare(videos, out=tmp_path / "all", limit=12, **options).official is not None
    assert "no table of what is there" not in capsys.readouterr().out
