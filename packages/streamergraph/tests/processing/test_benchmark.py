from __future__ import annotations

import json

import pytest
from streamergraph.processing.pairwise_methods import (
    drawn_pairs,
    ours,
    product,
    self_join,
    sets,
    write_entries,
)


def test_the_benchmark_counts_as_sets_do_and_measures_a_store(tmp_path, call):
    options = ["--streamers", 40, "--pairs", 200, "--rows", 150_000, "--spill", tmp_path]
    status, out, err = call("bench", "process", *options, "--out", tmp_path / "bench.json")
    assert status == 0, err
    facts = json.loads((tmp_path / "bench.json").read_text())
    assert facts["pairs_measured"] == 200
    for method in ("ours", "sets", "product", "self_join"):
        assert {"processor_seconds", "wall_seconds", "memory_gib"} == facts[method].keys()
    assert facts["relations"]["counts"]["kept"] > 0
    assert facts["large"]["written"]["streamers"] > 1000
    assert facts["large"]["written"]["overlaps"] > 0
    assert "the whole process held at most" in out
    assert [path.name for path in tmp_path.iterdir()] == ["bench.json"]


@pytest.mark.parametrize("pairs", [0, 30])
def test_all_methods_count_the_same_pairs(pairs, tmp_path):
    chosen = drawn_pairs(20, pairs, seed=1)
    assert len(set(map(tuple, chosen.tolist()))) == len(chosen) == (pairs or 190)
    assert all(a < b for a, b in chosen.tolist())
    write_entries(tmp_path / "entries.parquet", streamers=20, seed=1)
    found = [
        way(tmp_path / "entries.parquet", chosen)[0].tolist()
        for way in (ours, sets, product, self_join)
    ]
    assert all(counts == found[0] for counts in found)
    assert sum(found[0]) > 0


def test_sizes_that_mean_nothing_are_refused(refusal, tmp_path):
    assert "--streamers" in refusal("bench", "process", "--streamers", 1)
    assert "--spill" in refusal("bench", "process", "--spill", tmp_path / "absent")
    assert "--memory-gib" in refusal("bench", "process", "--memory-gib", 0.3)
