from __future__ import annotations

import json


def test_the_benchmark_counts_as_sets_do_and_measures_a_store(tmp_path, call):
    options = ["--streamers", 40, "--pairs", 200, "--rows", 150_000, "--spill", tmp_path]
    status, out, err = call("bench", "process", *options, "--out", tmp_path / "bench.json")
    assert status == 0, err
    facts = json.loads((tmp_path / "bench.json").read_text())
    assert facts["pairs_measured"] == 200
    assert facts["large"]["written"]["streamers"] > 1000
    assert facts["large"]["written"]["overlaps"] > 0
    assert "times as fast" in out
    assert [path.name for path in tmp_path.iterdir()] == ["bench.json"]


def test_sizes_that_mean_nothing_are_refused(refusal):
    assert "--streamers" in refusal("bench", "process", "--streamers", 1)
