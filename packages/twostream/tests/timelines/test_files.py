"""Intervals and scores of windows as files."""

from __future__ import annotations

import numpy as np
import polars as pl
from twostream.timelines.files import write_intervals_csv, write_scores
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
