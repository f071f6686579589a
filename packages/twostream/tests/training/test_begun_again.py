"""A training on recordings that were labelled anew begins where the run before it had begun."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

import pytest
from small_training import options
from twostream.datasets.manifest import read_manifest
from twostream.training.record import read_record
from twostream.training.settled import settled
from twostream.training.stream import train_stream


@pytest.fixture(scope="module")
def runs(small_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """`networks`, and `first`, which went on from them."""
    folder = tmp_path_factory.mktemp("runs")
    train_stream(small_data, folder / "networks", options=options(stream="spatial", epochs=1))
    kind = options(stream="spatial", epochs=0, from_run=str(folder / "networks"))
    train_stream(small_data, folder / "first", options=kind)
    return folder


def from_first(runs: Path, **more: object):
    return options(stream="spatial", epochs=0, from_run=str(runs / "first"), **more)


def test_what_is_trained_on_again_is_learnt_once(
    runs: Path, small_data: Path, tmp_path: Path
) -> None:
    manifest, asked = read_manifest(small_data), from_first(runs)
    found = settled(asked, manifest)
    assert found.from_run == str(runs / "networks")
    assert settled(found, manifest) == found
    record = train_stream(small_data, tmp_path, options=asked)
    assert record.options["from_run"] == str(runs / "networks")
    first = read_record(runs / "first" / "spatial")
    assert record.fingerprint == first.fingerprint  # of the same labels it is the same training


def test_a_run_that_knows_more_recordings_goes_on_itself(runs: Path, small_data: Path) -> None:
    manifest = read_manifest(small_data)
    gone = manifest.part(1, "train")[0].source
    fewer = replace(manifest, rows=tuple(row for row in manifest.rows if row.source != gone))
    assert settled(from_first(runs), fewer).from_run == str(runs / "first")


def test_so_does_one_that_is_named_as_what_to_keep(runs: Path, small_data: Path) -> None:
    found = settled(from_first(runs, head="kept"), read_manifest(small_data))
    assert found.from_run == str(runs / "first")


def test_so_does_one_whose_start_is_gone_or_another(
    runs: Path, small_data: Path, tmp_path: Path
) -> None:
    manifest = read_manifest(small_data)
    shutil.copytree(runs / "networks", tmp_path / "kept")
    network = runs / "networks" / "spatial" / "model.keras"
    try:
        network.write_bytes(network.read_bytes() + b" ")
        assert settled(from_first(runs), manifest).from_run == str(runs / "first")
        network.unlink()
        assert settled(from_first(runs), manifest).from_run == str(runs / "first")
    finally:
        shutil.copyfile(tmp_path / "kept" / "spatial" / "model.keras", network)
