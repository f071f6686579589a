"""A finished run is answered at once, without any library that computes; what differs is noticed."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import small_dataset
import twostream
from twostream.verbs.answered import ANSWERED_NAME, program_of
from twostream.verbs.flags import with_flags
from twostream.verbs.options import RunOptions
from twostream.verbs.run_parts import RunJob, prepare_data

QUICK: dict[str, Any] = {
    "flow": "dis",
    "backbone": "cnn-s",
    "size": 32,
    "epochs": 1,
    "stack_length": 4,
    "engine": "keras",
    "protocols": "one-frame",
}
HEAVY = ("keras", "torch", "cv2", "av", "openvino", "numba", "jax")
CALL = """
import json, sys, twostream
from twostream.cli.results import show_result
from twostream.cli.showing import Shown
source, out, options = json.loads(sys.argv[1])
with twostream.listening(Shown(show_result=show_result)):
    twostream.run(source, out=out, **options)
print(*(name for name in {heavy} if name in sys.modules), file=sys.stderr)
"""


@pytest.fixture(scope="module")
def finished(small_videos: Path, tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Any]:
    """Calls a run that is finished; other options may be given."""
    # Videos that were written a moment ago are not trusted yet.
    for video in small_videos.rglob("*.avi"):
        os.utime(video, (1, 1))
    out = tmp_path_factory.mktemp("finished") / "run"

    def call(**options: Any) -> Any:
        return twostream.run(small_videos, out=out, **{**QUICK, **options})

    call()
    return call


@pytest.fixture
def work(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What of the work is done: preparing, scoring, drawing."""
    from twostream.evaluation import run
    from twostream.preparation import dataset
    from twostream.reporting import page

    done: list[str] = []

    def watch(module: Any, name: str, told: str) -> None:
        original = getattr(module, name)

        def called(*arguments: Any, **options: Any) -> Any:
            done.append(told)
            return original(*arguments, **options)

        monkeypatch.setattr(module, name, called)

    watch(dataset, "store_all", "prepare")
    watch(run, "evaluate_run", "score")
    watch(page, "write_report", "draw")
    return done


def folder_of(finished: Callable[..., Any]) -> Path:
    return Path(str(finished()["data"])).parent


@pytest.mark.usefixtures("shown")
def test_nothing_is_done_and_all_is_said_as_before(
    finished: Callable[..., Any], work: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    (folder_of(finished) / ANSWERED_NAME).unlink()
    capsys.readouterr()
    results = finished()
    told = capsys.readouterr().out
    assert work == ["score", "draw"]
    assert finished() == results
    assert capsys.readouterr().out == told
    assert work == ["score", "draw"]


@pytest.mark.usefixtures("shown")
def test_no_library_that_computes_is_loaded(
    finished: Callable[..., Any], small_videos: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run = folder_of(finished)
    capsys.readouterr()
    finished()
    told = capsys.readouterr().out
    call = CALL.replace("{heavy}", repr(HEAVY))
    arguments = json.dumps([str(small_videos), str(run), QUICK])
    answer = subprocess.run(
        [sys.executable, "-c", call, arguments], capture_output=True, text=True, check=True
    )
    assert answer.stdout == told
    assert answer.stderr.splitlines()[-1] == ""


@pytest.mark.parametrize(
    "name",
    ["results.json", "results.csv", "analysis.json", "report.html", "scores/one-frame.npz"],
)
def test_a_result_that_is_missing_is_made_again(
    finished: Callable[..., Any], work: list[str], name: str
) -> None:
    path = folder_of(finished) / name
    path.unlink()
    finished()
    assert path.is_file()
    assert work == ["score", "draw"]


@pytest.mark.parametrize("name", ["report.html", "spatial/model.keras", "temporal/training.json"])
def test_a_file_that_was_written_since_is_looked_at(
    finished: Callable[..., Any], work: list[str], name: str
) -> None:
    path = folder_of(finished) / name
    content = path.read_bytes()
    path.write_bytes(content)
    finished()
    assert work == ["score", "draw"]


def test_a_page_that_was_changed_is_drawn_again(finished: Callable[..., Any]) -> None:
    page = folder_of(finished) / "report.html"
    content = page.read_text(encoding="utf-8")
    page.write_text("changed", encoding="utf-8")
    finished()
    assert page.read_text(encoding="utf-8") == content


@pytest.mark.parametrize("options", [{"fusion": "average"}, {"engine": "torch"}])
def test_another_question_has_another_answer(
    finished: Callable[..., Any], work: list[str], options: dict[str, Any]
) -> None:
    finished(**options)
    assert "score" in work
    finished(**options)
    assert work.count("score") == 1


def test_another_library_is_asked_anew(
    finished: Callable[..., Any], work: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    from twostream import environment

    finished()
    work.clear()
    told = {**environment.describe_environment(), "openvino": "0"}
    monkeypatch.setattr(environment, "describe_environment", lambda: told)
    finished()
    assert work == ["score", "draw"]


@pytest.mark.parametrize("options", [{"split": 2}, {"splits": "1,2"}])
def test_a_split_that_is_not_there_is_refused_as_ever(
    finished: Callable[..., Any], options: dict[str, Any]
) -> None:
    with pytest.raises(twostream.errors.TwostreamError):
        finished(**options)


def test_training_options_that_differ_are_refused_as_ever(finished: Callable[..., Any]) -> None:
    with pytest.raises(twostream.errors.TwostreamError, match="--epochs 2 instead of 1"):
        finished(epochs=2)


def test_a_video_or_a_clip_that_changed_is_read_again(tmp_path: Path, work: list[str]) -> None:
    videos = small_dataset.write_videos(tmp_path / "videos", classes=["down", "left"], groups=2)
    data = tmp_path / "data"
    job = RunJob(videos, tmp_path / "run", with_flags(RunOptions(), {"flow": "dis"}))

    def make_old(*files: Path) -> None:
        """What was written a moment ago is not trusted yet."""
        for file in files:
            os.utime(file, (1, 1))

    def prepare() -> list[str]:
        work.clear()
        prepare_data(job, out=data)
        return list(work)

    make_old(*videos.rglob("*.avi"))
    assert prepare() == ["prepare"]
    assert prepare() == []
    make_old(*data.rglob("*.zip"))
    assert prepare() == ["prepare"]
    assert prepare() == []
    os.utime(next(videos.rglob("*.avi")), (2, 2))
    assert prepare() == ["prepare"]
    assert prepare() == []
    next(data.rglob("*.zip")).unlink()
    assert prepare() == ["prepare"]
    assert prepare() == []
    (data / "manifest.parquet").unlink()
    assert prepare() == ["prepare"]


def test_another_program_is_told_from_what_python_and_numba_keep_of_it(tmp_path: Path) -> None:
    # Another process may compile a kernel of the same package at any time.
    (tmp_path / "flow" / "__pycache__").mkdir(parents=True)
    (tmp_path / "flow" / "kernel.py").write_text("a = 1\n", encoding="utf-8")
    before = program_of(tmp_path)
    for suffix in ("nbi", "1.nbc", "py311.pyc"):
        (tmp_path / "flow" / "__pycache__" / f"kernel.{suffix}").write_bytes(b"kept")
    assert program_of(tmp_path) == before
    (tmp_path / "flow" / "kernel.py").write_text("a = 10\n", encoding="utf-8")
    assert program_of(tmp_path) != before
