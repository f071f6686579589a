"""Fixtures that several floors' tests share."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
import small_dataset

os.environ.setdefault("KERAS_BACKEND", "torch")


@pytest.fixture(scope="session")
def small_videos(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three classes of four source videos, one clip each."""
    return small_dataset.write_videos(tmp_path_factory.mktemp("videos"))


@pytest.fixture(scope="session")
def small_data(tmp_path_factory: pytest.TempPathFactory, small_videos: Path) -> Path:
    """The same, prepared."""
    return small_dataset.prepared(tmp_path_factory.mktemp("data"), small_videos)
