"""A finished run and a prepared data set are replaced only when told, and only by a whole one."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import polars as pl
import pytest
import twostream
from twostream.errors import TwostreamError
from twostream.preparation import ensure, storing
from twostream.staging import PREVIOUS_NAME, STAGE_NAME, commit, stage_of
from twostream.training import checks, fit
from twostream.training.record import read_record
from version_0_1 import RUN, TRAIN, contents, unpacked

VIDEOS, OUT = Path("videos"), Path("run")
# Two epochs from scratch, without a head that is trained first, take no time.
SCRATCH: dict[str, Any] = {"backbone": "cnn-s", "epochs": 2}


@pytest.fixture
def old(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A finished run in ``run``, made of ``videos``; paths are relative to it."""
    monkeypatch.chdir(unpacked(tmp_path))
    return tmp_path


def models(folder: Path) -> dict[str, bytes]:
    """What a user must not lose: models, records and stored clips, without what is being made."""
    return {
        name: data
        for name, data in contents(folder).items()
        if name.endswith((".keras", "training.json", ".zip", "manifest.csv", "config.yaml"))
        and STAGE_NAME not in Path(name).parts
    }


def interrupt_at(monkeypatch: pytest.MonkeyPatch, owner: Any, name: str, call: int) -> None:
    works, calls = getattr(owner, name), iter(range(1, call))

    def dies(*arguments: Any, **options: Any) -> Any:
        if next(calls, None) is None:
            raise KeyboardInterrupt
        return works(*arguments, **options)

    monkeypatch.setattr(owner, name, dies)


@pytest.mark.usefixtures("shown")
@pytest.mark.parametrize("stop_at", [1, 3])
def test_a_run_that_is_interrupted_while_it_is_replaced_is_the_old_one(
    old: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], stop_at: int
) -> None:
    before = models(old / "run")
    new: dict[str, Any] = {**RUN, **SCRATCH, "replace": True}
    with monkeypatch.context() as patch:
        # Two epochs of either stream are saved: the third checkpoint is one of the temporal stream.
        interrupt_at(patch, fit, "save_checkpoint", stop_at)
        with pytest.raises(KeyboardInterrupt):
            twostream.run(VIDEOS, out=OUT, **new)
    assert models(old / "run") == before
    assert twostream.evaluate(OUT, protocols="one-frame", engine="keras")["n_test"] == 3
    capsys.readouterr()
    twostream.run(VIDEOS, out=OUT, **RUN)
    told = capsys.readouterr()
    assert "holds a replacement that was not finished" in told.err
    assert "spatial: was there already, trained on 3 clips" in told.out
    with pytest.raises(TwostreamError, match="--epochs 2 instead of 1"):
        twostream.run(VIDEOS, out=OUT, **{**new, "replace": False})
    twostream.run(VIDEOS, out=OUT, **new)
    after = models(old / "run")
    assert {name for name in before if after[name] == before[name]} == {
        name for name in before if name.startswith("data/")
    }
    assert read_record(OUT / "spatial").options["epochs"] == 2
    assert not (OUT / STAGE_NAME).exists()
    assert not (OUT / PREVIOUS_NAME).exists()
    # Told again, there is nothing left to replace.
    twostream.run(VIDEOS, out=OUT, **new)
    assert models(old / "run") == after


def test_a_stream_that_stays_the_same_is_not_trained_again(old: Path) -> None:
    before = models(old / "run")
    own = {f"temporal_{name}": value for name, value in SCRATCH.items()}
    twostream.run(VIDEOS, out=OUT, **RUN, **own, replace=True)
    after = models(old / "run")
    changed = {name for name in before if before[name] != after.get(name)}
    assert changed == {
        "config.yaml",
        "temporal/model.keras",
        "temporal/training.json",
        "temporal/checkpoints/last.keras",
    }


def test_other_flow_is_made_beside_the_old_one_and_takes_its_place_with_the_streams(
    old: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = models(old / "run")
    new: dict[str, Any] = {**RUN, **SCRATCH, "flow": "farneback", "replace": True}
    with monkeypatch.context() as patch:
        interrupt_at(patch, fit, "save_checkpoint", 2)
        with pytest.raises(KeyboardInterrupt):
            twostream.run(VIDEOS, out=OUT, **new)
    assert models(old / "run") == before
    monkeypatch.setattr(ensure, "_make", None)  # all clips are extracted already
    twostream.run(VIDEOS, out=OUT, **new)
    after = models(old / "run")
    changed = {name for name in before if before[name] != after.get(name)}
    assert "data/clips/down/v_down_g01_c01.zip" in changed
    assert {"spatial/model.keras", "temporal/model.keras"} <= changed
    assert read_record(OUT / "temporal").data == str(old / "run" / "data")
    assert twostream.evaluate(OUT, protocols="one-frame", engine="keras")["n_test"] == 3


def test_data_that_runs_share_are_not_replaced_by_one_of_them(old: Path) -> None:
    before = contents(old / "run")
    new: dict[str, Any] = {**RUN, "bound": 8.0, "replace": True}
    with pytest.raises(TwostreamError, match=r"others may use: .*prepare SOURCE --out run/data"):
        twostream.run(VIDEOS, out=Path("other"), data=OUT / "data", **new)
    assert contents(old / "run") == before


def test_a_source_with_more_clips_leaves_a_finished_run_alone(old: Path) -> None:
    before = contents(old / "run")
    video = old / "videos" / "left" / "v_left_g01_c01.avi"
    (video.with_name("v_left_g03_c01.avi")).write_bytes(video.read_bytes())
    with pytest.raises(
        TwostreamError, match=r"the clips of SOURCE 7 \(1 new, such as left/v_left_g03_c01"
    ):
        twostream.run(VIDEOS, out=OUT, **RUN)
    assert contents(old / "run") == before
    twostream.run(VIDEOS, out=OUT, **{**RUN, **SCRATCH}, replace=True)
    assert pl.read_parquet(OUT / "data" / "manifest.parquet").height == 7


def test_a_split_can_be_used_after_its_run_died_while_all_were_replaced(
    old: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole, split = old / "whole", old / "whole" / "split1"
    whole.mkdir()
    (old / "run").rename(split)
    (split / "data").rename(whole / "data")
    shutil.copytree(split / "spatial", stage_of(whole) / "split1" / "spatial")
    with monkeypatch.context() as patch:
        interrupt_at(patch, Path, "replace", 2)  # the first one wrote the list of what is to move
        with pytest.raises(KeyboardInterrupt):
            commit(whole, ["split1/spatial"])
    assert not (split / "spatial").exists()
    assert twostream.evaluate(split, data=whole / "data", protocols="one-frame", engine="keras")
    assert not (whole / STAGE_NAME).exists()


@pytest.mark.parametrize("verb", ["run", "train"])
def test_a_network_that_cannot_be_read_costs_nothing(old: Path, verb: str) -> None:
    (old / "junk.keras").write_bytes(b"junk")
    before = models(old / "run")
    junk: dict[str, Any] = {"backbone": "junk.keras", "replace": True}
    calls: dict[str, Any] = {
        "run": lambda: twostream.run(VIDEOS, out=OUT, **{**RUN, **junk}),
        "train": lambda: twostream.train("spatial", OUT / "data", out=OUT, **{**TRAIN, **junk}),
    }
    with pytest.raises(TwostreamError, match=r"junk\.keras"):
        calls[verb]()
    assert models(old / "run") == before


def test_a_finished_stream_needs_its_first_network_no_more(
    old: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(checks, "check_training", None)
    twostream.run(VIDEOS, out=OUT, **RUN)
    for stream in ("spatial", "temporal"):  # as after an interruption
        (OUT / stream / "training.json").unlink()
        (OUT / stream / "model.keras").unlink()
    twostream.run(VIDEOS, out=OUT, **RUN)


def test_a_training_that_was_begun_with_other_options_is_not_thrown_away(old: Path) -> None:
    before = contents(old / "begun")
    options = {**TRAIN, **SCRATCH}
    with pytest.raises(TwostreamError, match="unfinished training"):
        twostream.train("temporal", OUT / "data", out=Path("begun"), **options)
    assert contents(old / "begun") == before
    twostream.train("temporal", OUT / "data", out=Path("begun"), **options, replace=True)
    assert read_record(Path("begun") / "temporal").options["epochs"] == 2


def test_a_data_set_is_replaced_when_the_new_one_is_whole(
    old: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    data, quick = Path("run/data"), {"flow": "dis", "workers": 1}
    before = contents(data)
    with pytest.raises(TwostreamError, match="--bound 8 instead of 20"):
        twostream.prepare(VIDEOS, out=data, **quick, bound=8)
    with monkeypatch.context() as patch:
        interrupt_at(patch, storing.Progress, "advance", 3)
        with pytest.raises(KeyboardInterrupt):
            twostream.prepare(VIDEOS, out=data, **quick, bound=8, replace=True)
    assert models(data) == {name: before[name] for name in models(data)}
    assert (data / STAGE_NAME).exists()
    made = twostream.prepare(VIDEOS, out=data, **quick, bound=8, replace=True)
    assert made.clips == 6
    assert not (data / STAGE_NAME).exists()
    # Clips that other choices leave as they are come from there.
    again = twostream.prepare(VIDEOS, out=data, **quick, bound=8, limit=4, replace=True)
    assert (again.clips, again.reused) == (4, 4)


def test_what_a_user_put_among_the_files_stays(old: Path) -> None:
    kept = [
        OUT / "spatial" / "notes.txt",
        OUT / "data" / "notes.txt",
        OUT / "data" / "clips" / "down" / "labels" / "own.csv",
        OUT / "data" / "exploration.html",
        OUT / "mine.txt",
    ]
    for path in kept:
        path.parent.mkdir(exist_ok=True)
        path.write_text("mine")
    twostream.run(VIDEOS, out=OUT, **{**RUN, **SCRATCH, "bound": 8.0}, replace=True)
    assert [path.read_text() for path in kept] == ["mine"] * len(kept)
    assert not (OUT / PREVIOUS_NAME).exists()
    # What this program wrote is not among it.
    assert not list(OUT.rglob(f"*{PREVIOUS_NAME}"))


def test_a_folder_holds_a_run_or_a_data_set(old: Path) -> None:
    before = contents(old)
    for out in (OUT / "data", OUT / "data" / "clips" / "new"):
        with pytest.raises(TwostreamError, match="a prepared data set"):
            twostream.run(VIDEOS, out=out, **RUN)
        with pytest.raises(TwostreamError, match=r"a prepared data set|DATA itself"):
            twostream.train("spatial", OUT / "data", out=out, **TRAIN)
    with pytest.raises(TwostreamError, match="found a run"):
        twostream.prepare(VIDEOS, out=OUT, flow="dis")
    assert contents(old) == before


def test_a_dry_run_says_what_would_be_refused(old: Path) -> None:
    data, options = Path("run/data"), {"flow": "dis", "bound": 8, "dry_run": True}
    before = contents(old)
    with pytest.raises(TwostreamError, match="--bound 8 instead of 20"):
        twostream.prepare(VIDEOS, out=data, **options)
    assert twostream.prepare(VIDEOS, out=data, **options, replace=True).reused == 0
    assert contents(old) == before


def test_a_selection_that_only_grows_replaces_nothing(old: Path) -> None:
    lists = old / "lists"
    lists.mkdir()
    (lists / "classInd.txt").write_text("1 down\n2 left\n3 right\n")
    for side, group in (("trainlist01.txt", 1), ("testlist01.txt", 2)):
        lines = [f"{c}/v_{c}_g0{group}_c01.avi" for c in ("down", "left", "right")]
        (lists / side).write_text("\n".join(lines) + "\n")
    options: dict[str, Any] = {"out": Path("data"), "flow": "dis", "annotations": lists}
    twostream.prepare(VIDEOS, classes="left,right", **options)
    # Spelled otherwise, it is the same.
    assert twostream.prepare(VIDEOS, classes="right, left", **options).reused == 4
    assert twostream.prepare(old / "videos", **options).reused == 4
    with pytest.raises(TwostreamError, match="--classes"):
        twostream.prepare(VIDEOS, classes="left,down", **options)


def test_an_interrupted_preparation_is_not_lost_to_another_option(
    old: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        interrupt_at(patch, storing.Progress, "advance", 4)
        with pytest.raises(KeyboardInterrupt):
            twostream.prepare(VIDEOS, out=Path("data"), flow="dis", workers=1)
    before = contents(old / "data")
    stored = len([name for name in before if name.endswith(".zip")])
    assert 3 <= stored <= 6
    with pytest.raises(TwostreamError, match="--flow farneback instead of dis"):
        twostream.prepare(VIDEOS, out=Path("data"), flow="farneback", workers=1)
    assert contents(old / "data") == before
    assert twostream.prepare(VIDEOS, out=Path("data"), flow="dis", workers=1).reused >= stored
