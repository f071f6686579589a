"""Fixtures of this floor."""

from __future__ import annotations

from pathlib import Path

import pytest
from fixtures import small_data, small_videos
from small_training import options, sharpen
from twostream.training.stream import train_stream

__all__ = ["small_data", "small_videos"]


@pytest.fixture(scope="session")
def trained_run(tmp_path_factory: pytest.TempPathFactory, small_data: Path) -> Path:
    """Both streams with trained heads that see centre squares; flow is DIS; not to be changed."""
    run = tmp_path_factory.mktemp("run") / "run"
    for stream in ("spatial", "temporal"):
        train_stream(
            small_data, run, options=options(stream=stream, epochs=0, weights=None, view="centre")
        )
        sharpen(run / stream / "model.keras")
    return run
