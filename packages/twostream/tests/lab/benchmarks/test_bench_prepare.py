"""`bench prepare`: both sides do the same work, and the factor is that of their times."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from twostream.cli.tables.benchmarks import print_benchmark
from twostream.errors import TwostreamError
from twostream.lab.benchmarks import bench_prepare as module
from twostream.lab.benchmarks.bench_prepare import bench_prepare


def test_it_prepares_the_same_clips_in_turn_and_writes_all_figures(
    small_videos: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    prepared: list[tuple[str, int]] = []
    once = module._prepare_once

    def remember(source: Path, out: Path, algorithm: module.Algorithm) -> float:
        seconds = once(source, out, algorithm)
        prepared.append((algorithm, len(list(out.rglob("*.zip")))))
        return seconds

    monkeypatch.setattr(module, "_prepare_once", remember)
    out = tmp_path / "bench.json"
    results = bench_prepare(small_videos, frames=3, clips=2, rounds=2, out=out)
    assert prepared == [("tvl1", 2), ("tvl1-opencv", 2)] * 2
    assert (results["clips"], results["frames"]) == (2, 6)
    assert results["factor"] == np.median(results["factors"])
    assert json.loads(out.read_text()) == results
    print_benchmark("prepare", results)
    assert "times as fast (median of 2 rounds)" in capsys.readouterr().out


@pytest.mark.parametrize(("option", "least"), [("frames", 2), ("clips", 1), ("rounds", 1)])
def test_numbers_that_measure_nothing_are_refused(tmp_path: Path, option: str, least: int) -> None:
    with pytest.raises(TwostreamError, match=f"--{option}: expected a number of at least {least}"):
        bench_prepare(tmp_path, **{option: least - 1})
