"""Fixtures that several floors' tests share."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import small_dataset


@pytest.fixture(scope="session")
def small_videos(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three classes of four source videos, one clip each."""
    return small_dataset.write_videos(tmp_path_factory.mktemp("videos"))


@pytest.fixture(scope="session")
def small_data(tmp_path_factory: pytest.TempPathFactory, small_videos: Path) -> Path:
    """The same, prepared."""
    return small_dataset.prepared(tmp_path_factory.mktemp("data"), small_videos)


@pytest.fixture(scope="session")
def backbone_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small image network with a batch normalisation, as a file."""
    import keras  # after the backend is set

    keras.utils.set_random_seed(0)
    image = keras.Input((None, None, 3))
    x = keras.layers.Conv2D(8, 5, strides=4)(image)
    x = keras.layers.ReLU()(keras.layers.BatchNormalization()(x))
    x = keras.layers.BatchNormalization()(keras.layers.Conv2D(8, 3)(x))
    path = tmp_path_factory.mktemp("backbone") / "resnet_mini.keras"
    keras.Model(image, x, name="resnet_mini").save(path)
    return path


@pytest.fixture(scope="session")
def residual_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small image network of two residual blocks, one with a projection, as a file."""
    import keras  # after the backend is set

    keras.utils.set_random_seed(0)
    layers = keras.layers
    image = keras.Input((None, None, 3))
    x = layers.ReLU()(layers.BatchNormalization()(layers.Conv2D(8, 5, strides=4)(image)))
    y = layers.BatchNormalization()(layers.Conv2D(8, 3, padding="same")(x))
    x = layers.ReLU()(layers.Add(name="block1")([x, y]))
    y = layers.ReLU()(layers.BatchNormalization()(layers.Conv2D(8, 3, padding="same")(x)))
    y = layers.BatchNormalization()(layers.Conv2D(12, 3, padding="same")(y))
    shortcut = layers.BatchNormalization()(layers.Conv2D(12, 1)(x))
    x = layers.ReLU()(layers.Add(name="block2")([y, shortcut]))
    path = tmp_path_factory.mktemp("residual") / "resnet_mini.keras"
    keras.Model(image, x, name="resnet_mini").save(path)
    return path


@pytest.fixture
def short_heads(monkeypatch: pytest.MonkeyPatch) -> None:
    """A tenth of the steps that a head gets otherwise, where it does not matter how well it learns."""
    from twostream.training import head

    monkeypatch.setattr(head, "LEAST_STEPS", head.LEAST_STEPS // 10)


@pytest.fixture
def two_threads() -> Iterator[None]:
    """Arithmetic in two threads, whatever share of the cores the tests have: sums are split otherwise."""
    import torch

    before = torch.get_num_threads()
    torch.set_num_threads(2)
    yield
    torch.set_num_threads(before)
