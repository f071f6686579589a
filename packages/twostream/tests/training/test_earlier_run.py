"""A training may start from an earlier run with other classes."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

import keras
import numpy as np
import polars as pl
import pytest
from small_training import options, weights
from twostream.datasets.manifest import read_manifest, write_manifest
from twostream.errors import TwostreamError
from twostream.models.batch_norm import batch_norm_layers
from twostream.models.earlier_run import load_earlier_backbone
from twostream.training.learnt_clips import own_parts, read_parts
from twostream.training.stream import train_stream

pytestmark = pytest.mark.usefixtures("short_heads")


def two_classes(small_data: Path, to: Path) -> Path:
    shutil.copytree(small_data, to)
    table = pl.read_parquet(to / "manifest.parquet").filter(pl.col("class_name") != "left")
    labels = (pl.col("class_name") == "right").cast(pl.Int64).alias("label")
    table.with_columns(labels).write_parquet(to / "manifest.parquet")
    return to


@pytest.mark.parametrize("stream", ["spatial", "temporal"])
def test_an_earlier_run_with_other_classes_is_a_start(
    small_data: Path, tmp_path: Path, stream: str
) -> None:
    train_stream(small_data, tmp_path / "earlier", options=options(stream=stream))
    kind = options(stream=stream, backbone="ResNet50", from_run=str(tmp_path / "earlier"), epochs=0)
    record = train_stream(
        two_classes(small_data, tmp_path / "data"), tmp_path / "run", options=kind
    )
    assert record.classes == ("down", "right")
    assert record.backbone == "cnn-s"
    assert record.weights == str(tmp_path / "earlier" / stream / "model.keras")
    # The head alone was trained: the kernels of the backbone are what they were.
    earlier, later = weights(tmp_path / "earlier", stream), weights(tmp_path / "run", stream)
    backbone = [array for array in earlier if array.ndim > 2]
    assert backbone
    for array in backbone:
        assert any(np.array_equal(array, other) for other in later)
    assert {array.shape[-1] for array in later if array.ndim == 2} == {2}


@pytest.mark.parametrize("head", ["kept", "dropout"])
def test_normalisations_are_measured_anew_on_new_flow_unless_the_earlier_run_goes_on(
    small_data: Path, tmp_path: Path, head: str
) -> None:
    for stream in ("spatial", "temporal"):
        train_stream(small_data, tmp_path / "earlier", options=options(stream=stream))
        kind = options(stream=stream, from_run=str(tmp_path / "earlier"), epochs=0, head=head)
        train_stream(two_classes(small_data, tmp_path / stream), tmp_path / "run", options=kind)

    def statistics(run: str, stream: str) -> list[np.ndarray]:
        path = tmp_path / run / stream / "model.keras"
        layers = batch_norm_layers(keras.saving.load_model(path, compile=False))
        return [np.asarray(layer.moving_mean) for layer in layers]

    for stream, are_the_same in (("spatial", True), ("temporal", head == "kept")):
        found = zip(statistics("earlier", stream), statistics("run", stream), strict=True)
        assert all(np.allclose(a, b) == are_the_same for a, b in found)


def test_what_an_earlier_run_froze_may_learn_again(
    small_data: Path, tmp_path: Path, backbone_file: Path
) -> None:
    train_stream(small_data, tmp_path, options=options(backbone=str(backbone_file), epochs=0))
    path = tmp_path / "temporal" / "model.keras"
    frozen = batch_norm_layers(keras.saving.load_model(path, compile=False))[1:]
    assert frozen
    assert not any(layer.trainable for layer in frozen)
    start = load_earlier_backbone(path, channels=8, size_px=32)
    assert all(layer.trainable for layer in batch_norm_layers(start.model))


def test_an_earlier_run_that_was_trained_again_is_another_start(
    small_data: Path, tmp_path: Path
) -> None:
    kind = options(from_run=str(tmp_path / "earlier"), epochs=0)
    found = set()
    for seed in (0, 1):
        earlier = options(epochs=1, seed=seed)
        train_stream(small_data, tmp_path / "earlier", options=earlier, replace=True)
        found.add(
            train_stream(small_data, tmp_path / "run", options=kind, replace=True).fingerprint
        )
    assert len(found) == 2


def test_an_earlier_run_must_have_the_stream_and_its_stack_length(
    small_data: Path, tmp_path: Path
) -> None:
    with pytest.raises(TwostreamError, match="check --from"):
        train_stream(small_data, tmp_path / "run", options=options(from_run=str(tmp_path)))
    train_stream(small_data, tmp_path / "earlier", options=options(epochs=1))
    kind = options(from_run=str(tmp_path / "earlier"), stack_length=3)
    with pytest.raises(TwostreamError, match="--stack-length 4"):
        train_stream(small_data, tmp_path / "run", options=kind)


def other_split(data: Path, to: Path) -> Path:
    """The same clips with a second split, whose test clips train in the first."""
    shutil.copytree(data, to)
    manifest = read_manifest(to)
    rows = []
    for row in manifest.rows:
        side = "test" if row.group.endswith("g01") else "train"
        rows.append(replace(row, splits=(row.splits[0], side)))
    write_manifest(to, rows, 2)
    return to


def test_what_an_earlier_run_has_learnt_from_is_never_tested(
    small_data: Path, tmp_path: Path
) -> None:
    data = other_split(small_data, tmp_path / "data")
    seen = {row.clip_id for row in read_manifest(data).part(2, "test")}
    train_stream(data, tmp_path / "earlier", options=options(epochs=1))
    learnt = set(read_parts(tmp_path / "earlier" / "temporal"))
    assert seen & learnt
    kind = options(from_run=str(tmp_path / "earlier"), epochs=0)
    with pytest.raises(TwostreamError, match="among the clips it has learnt from"):
        train_stream(data, tmp_path / "run", options=replace(kind, split=2))
    assert not (tmp_path / "run").exists()


def test_the_clips_of_an_earlier_run_stay_known(small_data: Path, tmp_path: Path) -> None:
    # Of the earlier run's clips the later one uses two classes; the third class's are learnt all the same.
    train_stream(small_data, tmp_path / "earlier", options=options(epochs=1))
    kind = options(from_run=str(tmp_path / "earlier"), epochs=1)
    train_stream(two_classes(small_data, tmp_path / "data"), tmp_path / "run", options=kind)
    earlier = read_parts(tmp_path / "earlier" / "temporal")
    later = read_parts(tmp_path / "run" / "temporal")
    assert set(later) == set(earlier)
    assert {clip_id.split("/")[0] for clip_id, part in later.items() if part == "earlier"} == {
        "left"
    }
    assert own_parts(tmp_path / "run" / "temporal").keys() == {
        clip_id for clip_id in earlier if not clip_id.startswith("left/")
    }
