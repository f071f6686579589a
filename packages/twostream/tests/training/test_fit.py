"""All layers: what an epoch is judged by."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import keras
import numpy as np
import pytest
import small_dataset
from small_training import options
from twostream.datasets.manifest import read_manifest
from twostream.models.any_size import of_size
from twostream.training.fit import validate
from twostream.training.samples import DataSetClips, clip_samples
from twostream.training.step import use_fast_steps
from twostream.training.stream import train_stream
from twostream.transforms.preprocessing import Preprocessing


@pytest.fixture(scope="module")
def clips_of_two_shapes(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("shapes")
    videos = small_dataset.write_videos(
        folder / "videos", classes=("down", "left"), groups=3, widths=(48, 64)
    )
    return small_dataset.prepared(folder / "data", videos)


def network() -> keras.Model:
    keras.utils.set_random_seed(0)
    image = keras.Input((32, 32, 3))
    x = keras.layers.Rescaling(1 / 255)(image)
    x = keras.layers.Conv2D(6, 3, strides=4, activation="relu")(x)
    x = keras.layers.GlobalAveragePooling2D()(x)
    model = keras.Model(image, keras.layers.Dense(2, activation="softmax")(x))
    model.compile("sgd", "categorical_crossentropy")
    return model


@pytest.mark.parametrize("by_keras", [False, True], ids=["fast", "keras"])
def test_whole_clips_of_different_shapes_are_validated_each_as_it_is(
    clips_of_two_shapes: Path, by_keras: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows, source = read_manifest(clips_of_two_shapes).rows, DataSetClips(clips_of_two_shapes)
    kind, model = Preprocessing(stream="spatial", size_px=32, view="full"), network()
    if by_keras:
        monkeypatch.setattr(keras.backend, "backend", lambda: "another")
    found = validate(use_fast_steps(model), rows, source, kind)
    samples = partial(clip_samples, source=source, preprocessing=kind, samples=3)
    clips = [samples(row).astype(np.float32) for row in rows]
    assert len({clip.shape for clip in clips}) == 2
    scores = [
        of_size(model, *clip.shape[1:3]).predict_on_batch(clip).mean(axis=0) for clip in clips
    ]
    truth = [float(one[row.label]) for one, row in zip(scores, rows, strict=True)]
    np.testing.assert_allclose(found.loss, -np.log(truth).mean(), rtol=1e-5)
    assert found.top1 == np.mean(
        [one.argmax() == row.label for one, row in zip(scores, rows, strict=True)]
    )


def test_clips_of_different_shapes_are_trained_on_with_some_held_out(
    clips_of_two_shapes: Path, tmp_path: Path
) -> None:
    kind = options(epochs=1, validation_fraction=0.5)
    record = train_stream(clips_of_two_shapes, tmp_path, options=kind)
    assert record.n_validation > 1
