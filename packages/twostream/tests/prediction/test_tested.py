"""`evaluate --timelines`: the recordings of the test part, predicted and measured."""

from __future__ import annotations

import json
import re
from pathlib import Path

import numpy as np
import pytest
import twostream
from small_training import options
from twostream.cli.main import run_command
from twostream.evaluation.timeline_files import read_timelines
from twostream.evaluation.timeline_measures import measure_names
from twostream.lab.generated.recordings import write_recording
from twostream.training.stream import train_stream

TABLE = """path,label,split,start_seconds,end_seconds
a.mp4,run,train,0,0.6
a.mp4,jump,train,1,1.6
b.mp4,run,test,0.2,0.8
b.mp4,jump,test,1,1.8
"""


@pytest.fixture(scope="module")
def run_on_intervals(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("long")
    random = np.random.default_rng(0)
    for name in ("a.mp4", "b.mp4"):
        frames = (random.integers(0, 255, (32, 32, 3), np.uint8) for _ in range(50))
        write_recording(folder / name, frames)
    (folder / "table.csv").write_text(TABLE)
    twostream.prepare(folder / "table.csv", out=folder / "data", flow="dis", workers=1)
    train_stream(
        folder / "data", folder / "run", options=options(stream="spatial", epochs=0, weights=None)
    )
    return folder / "run"


@pytest.mark.slow  # its pieces are tested in test_labelled, test_timeline_measures, test_timeline_picture
def test_timelines_are_measured_told_kept_and_drawn(
    run_on_intervals: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run = run_on_intervals
    words = ["evaluate", str(run), "--engine", "torch", "--protocols", "one-frame"]
    assert run_command([*words, "--timelines"]) == 0
    printed = capsys.readouterr().out
    assert "Timelines of 1 recording" in printed
    told = json.loads((run / "results.json").read_text())["timelines"]
    assert told["recordings"] == ["b.mp4"]
    for measures in told["streams"].values():
        assert set(measure_names()) <= set(measures)
        assert measures["intervals"] == {}
    (recording,) = read_timelines(run, "fused")
    assert recording.duration_s == pytest.approx(2, abs=0.2)
    assert sum(one.duration_s for one in recording.truth) == pytest.approx(1.4)
    assert (run / "timelines" / "intervals.csv").is_file()
    page = (run / "timelines" / "b.mp4.html").read_text()
    assert re.search(r'<video id="video" src="[^"]*/b\.mp4"', page)

    twostream.report(run)
    report = (run / "report.html").read_text()
    assert '<section id="timelines">' in report
    assert 'href="timelines/b.mp4.html"' in report
    assert (run / "report" / "timeline_1.svg").is_file()

    assert run_command(words) == 0  # without timelines, the report has none
    printed = capsys.readouterr()
    assert "test clips are parts of 1 recording: --timelines" in printed.out + printed.err
    twostream.report(run)
    assert '<section id="timelines">' not in (run / "report.html").read_text()
