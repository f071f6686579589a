"""Intervals and scores of windows as files."""

from __future__ import annotations

import errno
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from twostream import atomic
from twostream.timelines.files import ROWS_AT_ONCE, write_intervals_csv, write_scores
from twostream.timelines.intervals import Interval
from twostream.timelines.window_scores import WindowScores


def test_intervals_of_several_sources_are_one_table(tmp_path):
    target = tmp_path / "intervals.csv"
    write_intervals_csv(
        target, [("a, b.mp4", [Interval(0.5, 2.25, "jump", 0.75)]), ("none.mp4", [])]
    )
    assert target.read_text() == (
        'source,start_s,end_s,label,score\n"a, b.mp4",0.500000,2.250000,jump,0.750000\n'
    )


def test_long_tables_are_written_piece_by_piece_and_are_whole(tmp_path):
    n = 2 * ROWS_AT_ONCE + 5
    starts = np.arange(n, dtype=np.float64)
    one = WindowScores(
        class_names=["jump"],
        windows_s=np.stack([starts, starts + 1], axis=1),
        spatial=np.linspace(0, 1, n, dtype=np.float32)[:, None],
        fused=np.linspace(1, 0, n, dtype=np.float32)[:, None],
    )
    none = WindowScores(
        class_names=["jump"], windows_s=np.empty((0, 2)), fused=np.empty((0, 1), np.float32)
    )
    files = {"csv": tmp_path / "scores.csv", "parquet": tmp_path / "scores.parquet"}
    write_scores([("none.mp4", none), ("a.mp4", one)], **files)
    table = pl.read_parquet(files["parquet"])
    assert table["start_s"].to_list() == [*starts, *starts]
    assert (
        table.filter(pl.col("stream") == "fused")["jump"].to_numpy().tolist()
        == one.fused[:, 0].tolist()
    )
    assert pl.read_csv(files["csv"], schema=table.schema).equals(table)


def test_scores_of_all_streams_are_rows_by_window(tmp_path):
    windows = np.float64([[0, 1], [0.5, 1.5]])
    spatial = np.float32([[0.25, 0.75], [0.5, 0.5]])
    fused = np.float32([[0.125, 0.875], [1, 0]])
    one = WindowScores(
        class_names=["jump", "label"], windows_s=windows, spatial=spatial, fused=fused
    )
    write_scores([("a.mp4", one), ("b.mp4", one)], parquet=tmp_path / "scores.parquet")
    table = pl.read_parquet(tmp_path / "scores.parquet")
    assert table.columns == ["source", "start_s", "end_s", "stream", "jump", "=label"]
    of_b = table.filter(pl.col("source") == "b.mp4", pl.col("stream") == "fused")
    assert of_b["start_s"].to_list() == [0, 0.5]
    assert of_b.select("jump", "=label").to_numpy().tolist() == fused.tolist()


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="a device that is always full")
@pytest.mark.parametrize("kind", ["csv", "parquet"])
def test_a_full_disk_is_told_as_one(tmp_path, monkeypatch, kind):
    scores = WindowScores(
        class_names=["jump"], windows_s=np.float64([[0, 1]]), fused=np.float32([[0.5]])
    )
    monkeypatch.setattr(atomic, "_new_name", lambda *_: Path("/dev/full"))
    monkeypatch.setattr(atomic, "_make_file", lambda *_: None)
    monkeypatch.setattr(Path, "unlink", lambda *_, **__: None)
    with pytest.raises(OSError, match="No space left") as raised:
        write_scores([("a.mp4", scores)], **{kind: tmp_path / "scores"})
    assert raised.value.errno == errno.ENOSPC
