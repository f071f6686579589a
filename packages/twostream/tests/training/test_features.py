"""Features of a frozen backbone are computed once."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest
from twostream.datasets.manifest import read_manifest
from twostream.sampling.stacks import equidistant_positions
from twostream.training.features import (
    Features,
    compute_features,
    fingerprint,
    load_features,
    save_features,
)
from twostream.training.options import TrainingOptions
from twostream.training.samples import DataSetClips, clip_samples
from twostream.training.stream import train_stream
from twostream.transforms.preprocessing import Preprocessing

pytestmark = pytest.mark.usefixtures("short_heads")


def bare_backbone(folder: Path) -> Path:
    """A file of the smallest network that is taken for a pretrained backbone."""
    image = keras.Input((None, None, 3))
    path = folder / "bare.keras"
    keras.Model(image, keras.layers.Conv2D(2, 3)(image), name="resnet_bare").save(path)
    return path


def test_every_sample_of_every_clip_as_it_is_and_mirrored(small_data: Path) -> None:
    rows = read_manifest(small_data).rows[:3]

    def extract(samples: np.ndarray) -> np.ndarray:
        return samples.reshape(len(samples), -1)[:, ::5].astype(np.float32)

    features = compute_features(
        rows,
        extract=extract,
        source=DataSetClips(small_data),
        preprocessing=Preprocessing(stream="spatial", size_px=32),
        samples_per_clip=4,
        flips=(False, True),
        label="features",
    )
    assert len(features.values) == 3 * 4 * 2
    assert features.labels.tolist() == [row.label for row in rows for _ in range(8)]
    assert not np.array_equal(features.values[0], features.values[4])


def test_a_head_is_trained_on_the_equidistant_frames_that_were_asked_for(
    small_data: Path, tmp_path: Path
) -> None:
    kind = TrainingOptions(
        stream="spatial",
        backbone=str(bare_backbone(tmp_path)),
        epochs=0,
        head_epochs=1,
        size_px=32,
        frames_per_clip=5,
    )
    record = train_stream(small_data, tmp_path, options=kind)
    with np.load(tmp_path / "spatial" / "features.npz") as stored:
        assert len(stored["values"]) == record.n_train * 5 * 2
    row = read_manifest(small_data).rows[0]
    preprocessing = Preprocessing(stream="spatial", size_px=32)
    shown: Any = {"source": DataSetClips(small_data), "preprocessing": preprocessing}
    taken = clip_samples(row, samples=5, positions=equidistant_positions, **shown)
    every = clip_samples(row, samples=row.frames, **shown)
    np.testing.assert_array_equal(taken[[0, -1]], every[[0, -1]])


def test_features_of_mirrored_flow_are_mirrored_as_training_mirrors(
    small_data: Path, tmp_path: Path
) -> None:
    found = {}
    for mirror in ("true", "as-published"):
        kind = TrainingOptions(
            stream="temporal",
            backbone=str(bare_backbone(tmp_path)),
            epochs=0,
            head_epochs=1,
            size_px=32,
            stack_length=4,
            feature_samples_per_clip=2,
            flow_mirror=mirror,  # type: ignore[arg-type]
        )
        train_stream(small_data, tmp_path / mirror, options=kind)
        with np.load(tmp_path / mirror / "temporal" / "features.npz") as stored:
            found[mirror] = stored["values"].reshape(-1, 2, 2, 2)  # clip, mirrored, sample, feature
    true, published = found.values()
    # The same arithmetic twice may differ in the last bits, by how its arrays happen to lie in memory.
    np.testing.assert_allclose(true[:, 0], published[:, 0], rtol=1e-4, atol=1e-6)
    assert not np.allclose(true[:, 1], published[:, 1], rtol=1e-2, atol=1e-4)


def test_cached_features_are_found_only_under_the_same_circumstances(tmp_path: Path) -> None:
    features = Features(np.ones((2, 3), np.float32), np.array([0, 1]))
    save_features(tmp_path / "features.npz", features, made_for="this")
    found = load_features(tmp_path / "features.npz", made_for="this")
    assert found is not None
    np.testing.assert_array_equal(found.values, features.values)
    assert load_features(tmp_path / "features.npz", made_for="that") is None
    assert load_features(tmp_path / "absent.npz", made_for="this") is None
    (tmp_path / "features.npz").write_bytes(b"damaged")
    assert load_features(tmp_path / "features.npz", made_for="this") is None


def test_fingerprints_differ_where_anything_does() -> None:
    assert fingerprint(1, "a") == fingerprint(1, "a")
    assert len({fingerprint(1, "a"), fingerprint(2, "a"), fingerprint(1, "b")}) == 3
