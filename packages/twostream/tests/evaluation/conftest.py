"""Fixtures of this floor."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from fixtures import backbone_file, small_data, small_videos
from twostream.training.options import TrainingOptions
from twostream.training.stream import train_stream

__all__ = ["backbone_file", "small_data", "small_videos"]


@pytest.fixture(scope="session")
def trained_run(tmp_path_factory: pytest.TempPathFactory, small_data: Path) -> Path:
    """Both streams, trained for one epoch."""
    run = tmp_path_factory.mktemp("run")
    for stream in ("spatial", "temporal"):
        kind = TrainingOptions(
            stream=stream,  # type: ignore[arg-type]
            backbone="cnn-s",
            epochs=1,
            batch_size=8,
            size_px=32,
            stack_length=4,
        )
        train_stream(small_data, run, options=kind)
    return run


@pytest.fixture
def run(trained_run: Path, tmp_path: Path) -> Path:
    """A copy that a test may change."""
    return Path(shutil.copytree(trained_run, tmp_path / "run"))
