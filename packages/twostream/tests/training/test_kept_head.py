"""What an earlier run has learnt of its classes goes on where a training starts from it."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from pathlib import Path

import keras
import numpy as np
import polars as pl
import pytest
from small_training import options, weights
from twostream.datasets.manifest import Manifest, read_manifest
from twostream.errors import TwostreamError
from twostream.models.batch_norm import batch_norm_layers
from twostream.models.earlier_run import load_earlier_head
from twostream.training.bundle import read_bundle
from twostream.training.features import Features
from twostream.training.head import logistic_head
from twostream.training.kept_head import earlier_classes, kept_head
from twostream.training.record import read_record
from twostream.training.settled import settled
from twostream.training.stream import train_stream

pytestmark = pytest.mark.usefixtures("short_heads")
NEW = ("up", "right", "down")  # of down, left and right: in another order, one gone, one new


@pytest.fixture(scope="module")
def from_scratch(small_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run whose classifier sees features as they are."""
    run = tmp_path_factory.mktemp("scratch")
    train_stream(small_data, run, options=options(stream="spatial", epochs=1))
    return run


@pytest.fixture(scope="module")
def of_a_head(
    small_data: Path, from_scratch: Path, tmp_path_factory: pytest.TempPathFactory
) -> Path:
    """A run whose classifier sees standardised features of unit length."""
    run = tmp_path_factory.mktemp("head")
    kind = options(stream="spatial", from_run=str(from_scratch), epochs=0, head="logistic-unit")
    train_stream(small_data, run, options=kind)
    return run


def some_features(stream: Path, *, classes: int = 3) -> Features:
    dimensions = len(load_earlier_head(stream / "model.keras").kernel)
    rng = np.random.default_rng(0)
    values = rng.gamma(2.0, 0.3, (30, dimensions)).astype(np.float32)
    return Features(values, np.arange(30) % classes, np.arange(30))


def said_by(stream: Path, features: Features) -> np.ndarray:
    """What the network itself says of pooled features: the probabilities of its own classes."""
    model = keras.saving.load_model(stream / "model.keras", compile=False)
    names = [layer.name for layer in model.layers]
    x = keras.Input(features.values.shape[1:])
    inputs = x
    for layer in model.layers[names.index("features") + 1 :]:
        x = layer(x)
    found: np.ndarray = keras.Model(inputs, x).predict(features.values, verbose=0)
    return found


@pytest.mark.parametrize("run", ["from_scratch", "of_a_head"])
def test_rows_go_on_by_the_names_of_classes(run: str, request: pytest.FixtureRequest) -> None:
    stream = request.getfixturevalue(run) / "spatial"
    features = some_features(stream)
    kept = kept_head(stream, NEW, features, multi_label=False)
    assert kept.known.tolist() == [False, True, True]
    logits = kept.beside(kept.scaling(features)).logits
    said = np.log(said_by(stream, features))  # of down, left, right
    differences = said[:, 2] - said[:, 0]
    np.testing.assert_allclose(logits[:, 1] - logits[:, 2], differences, atol=2e-3)
    assert not logits[:, 0].any()


@pytest.mark.parametrize("strength", [0.0, 1e-9])
def test_the_earlier_classifier_may_stay_as_it_was(of_a_head: Path, strength: float) -> None:
    stream, classes = of_a_head / "spatial", read_record(of_a_head / "spatial").classes
    features = some_features(stream)
    kept = kept_head(stream, classes, features, multi_label=False)
    kernel, bias = logistic_head(
        features,
        None,
        scaling=kept.scaling,
        n_classes=3,
        class_weights=np.ones(3, np.float32),
        on_epoch=lambda record: None,
        kept=kept,
        strength=strength,
    )
    head = load_earlier_head(stream / "model.keras")
    np.testing.assert_allclose(kernel, head.kernel, atol=1e-5)
    np.testing.assert_allclose(bias, head.bias, atol=1e-5)


def test_a_few_samples_move_it_a_little_and_many_as_far_as_they_say(of_a_head: Path) -> None:
    """The samples say class 0 throughout, where the earlier classifier says what it likes."""
    stream, classes = of_a_head / "spatial", read_record(of_a_head / "spatial").classes
    some = some_features(stream, classes=1)
    shares = []
    for times in (1, 300):
        many = Features(np.repeat(some.values, times, axis=0), np.repeat(some.labels, times))
        kept = kept_head(stream, classes, many, multi_label=False)
        kernel, bias = logistic_head(
            many,
            None,
            scaling=kept.scaling,
            n_classes=3,
            class_weights=np.ones(3, np.float32),
            on_epoch=lambda record: None,
            kept=kept,
        )
        logits = kept.scaling(some) @ kernel + bias
        powers = np.exp(logits - logits.max(axis=1, keepdims=True))
        shares.append(float((powers[:, 0] / powers.sum(axis=1)).mean()))
    assert said_by(stream, some)[:, 0].mean() + 0.01 < shares[0] < shares[1] - 0.01


def test_a_training_from_a_run_that_knows_its_classes_keeps_them(
    small_data: Path, from_scratch: Path, tmp_path: Path
) -> None:
    kind = options(stream="spatial", from_run=str(from_scratch), epochs=1, head="kept")
    record = train_stream(small_data, tmp_path, options=kind)
    assert record.options["head"] == "kept"
    # Half-way back to what it began with, which is the earlier run but for the classifier.
    folder = tmp_path / "spatial"
    with np.load(folder / "checkpoints" / "start.npz") as kept:
        begun = [kept[f"arr_{n}"] for n in range(len(kept.files))]
    trained = keras.saving.load_model(folder / "checkpoints" / "last.keras", compile=False)
    for a, b, found in zip(begun, trained.get_weights(), weights(tmp_path, "spatial"), strict=True):
        np.testing.assert_allclose(found, (a + b) / 2, atol=1e-6)
    earlier = weights(from_scratch, "spatial")
    kernels = [one for one in earlier if one.ndim == 4]
    for one, other in zip(kernels, [w for w in begun if w.ndim == 4], strict=True):
        np.testing.assert_array_equal(one, other)
    # All normalisations stay as they were, the first one of flow too.
    layers = batch_norm_layers(trained)
    assert layers
    assert not any(layer.trainable for layer in layers)


def test_the_head_is_learnt_anew_where_that_is_asked_for_or_nothing_is_known(
    small_data: Path, from_scratch: Path, tmp_path: Path
) -> None:
    whole = read_manifest(small_data)
    gone = whole.part(1, "train")[0].source
    manifest = replace(whole, rows=tuple(row for row in whole.rows if row.source != gone))
    kind = options(stream="spatial", from_run=str(from_scratch), epochs=None)
    assert settled(kind, manifest).head == "kept"
    # Of a run whose recordings are all here there is nothing to keep: their labels may be better now.
    assert settled(kind, whole).head == "logistic"
    assert settled(replace(kind, head="logistic"), manifest).head == "logistic"
    renamed = Manifest(manifest.folder, ("a", "b", "c"), manifest.rows)
    assert settled(kind, renamed).head == "logistic"
    assert settled(replace(kind, epochs=2), renamed).head == "dropout"
    for wrong, data in ((replace(kind, head="kept"), renamed), (options(head="kept"), manifest)):
        with pytest.raises(TwostreamError, match="--head kept: expected --from RUN"):
            settled(wrong, data)
    # Where several labels may hold, a softmax is no start.
    assert earlier_classes(from_scratch / "spatial", multi_label=False)
    assert not earlier_classes(from_scratch / "spatial", multi_label=True)
    assert not earlier_classes(tmp_path, multi_label=False)


def test_a_bundle_that_was_copied_is_as_good_a_start(
    small_data: Path, from_scratch: Path, tmp_path: Path
) -> None:
    (tmp_path / "bundle" / "spatial").mkdir(parents=True)
    for name in ("model.keras", "bundle.json", "preprocessing.json"):
        source = from_scratch / "spatial" / name
        shutil.copyfile(source, tmp_path / "bundle" / "spatial" / name)
    found = [
        settled(
            options(stream="spatial", from_run=str(run), epochs=1, head="kept"),
            read_manifest(small_data),
        ).head
        for run in (from_scratch, tmp_path / "bundle")
    ]
    assert found == ["kept", "kept"]


def test_a_network_that_saw_flow_as_pictures_goes_on_to(
    small_data: Path, tmp_path: Path, backbone_file: Path
) -> None:
    kind = options(backbone=str(backbone_file), epochs=0, flow_input="pictures", head="logistic")
    train_stream(small_data, tmp_path / "earlier", options=kind)
    for kept in ("training.json", "bundle.json"):
        start = options(from_run=str(tmp_path / "earlier"), epochs=0)
        assert settled(start, read_manifest(small_data)).flow_input == "pictures", kept
        (tmp_path / "earlier" / "temporal" / "training.json").unlink(missing_ok=True)


@pytest.mark.parametrize(("clips", "kept"), [(10**6, True), (1, False)])
def test_how_short_an_interval_may_be_is_said_by_those_that_were_more(
    small_data: Path, from_scratch: Path, tmp_path: Path, clips: int, kept: bool
) -> None:
    earlier = tmp_path / "earlier"
    shutil.copytree(from_scratch, earlier)
    file = earlier / "spatial" / "bundle.json"
    content = json.loads(file.read_text())
    content["sources"] |= {"clips": clips, "shortest_s": 3.25}
    file.write_text(json.dumps(content))
    kind = options(stream="spatial", from_run=str(earlier), epochs=0, head="kept")
    train_stream(small_data, tmp_path / "run", options=kind)
    sources = read_bundle(tmp_path / "run" / "spatial").sources
    assert sources is not None
    assert (sources.shortest_s == 3.25) is kept


def test_a_class_that_is_new_is_learnt_beside_those_that_are_known(
    small_data: Path, tmp_path: Path
) -> None:
    known = tmp_path / "known"
    shutil.copytree(small_data, known)
    table = pl.read_parquet(known / "manifest.parquet").filter(pl.col("class_name") != "left")
    labels = (pl.col("class_name") == "right").cast(pl.Int64).alias("label")
    table.with_columns(labels).write_parquet(known / "manifest.parquet")
    train_stream(known, tmp_path / "earlier", options=options(stream="spatial", epochs=1))
    kind = options(stream="spatial", from_run=str(tmp_path / "earlier"), epochs=0, head="kept")
    record = train_stream(small_data, tmp_path / "run", options=kind)
    assert record.classes == ("down", "left", "right")
    assert record.options["head"] == "kept"
    head = load_earlier_head(tmp_path / "run" / "spatial" / "model.keras")
    assert np.abs(head.kernel[:, 1]).max() > 0
