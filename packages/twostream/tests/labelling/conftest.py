from __future__ import annotations

import json
from pathlib import Path

import pytest
from twostream.labelling.options import LabelOptions
from twostream.labelling.reading import read_labels
from twostream.labelling.segments import VideoFacts

REPOSITORY = Path(__file__).resolve().parents[4]
FACTS = {
    "kitchen": VideoFacts(fps=25.0, frames=500, seconds=20.0),
    "garden_part1": VideoFacts(fps=25.0, frames=750, seconds=30.0),
    "garden_part2": VideoFacts(fps=25.0, frames=500, seconds=20.0),
    "garden_side": VideoFacts(fps=50.0, frames=3000, seconds=60.0),
}


@pytest.fixture(scope="session")
def annotations() -> Path:
    folder = REPOSITORY.parent / "shared" / "cases" / "annotations"
    if not folder.is_dir():
        pytest.skip(f"the examples of other tools are absent: {folder} is no folder")
    return folder


@pytest.fixture(scope="session")
def facts_of():
    def found(video: str) -> VideoFacts | None:
        name = video.replace("\\", "/").rpartition("/")[2]
        return FACTS.get(name.removesuffix(".mp4"))

    return found


@pytest.fixture
def read(tmp_path, facts_of):
    """Read labels from content (a text, or what becomes JSON) in a file of that name."""

    def run(name, content, facts=facts_of, **options):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        if isinstance(content, bytes):
            path.write_bytes(content)
        else:
            text = content if isinstance(content, str) else json.dumps(content)
            path.write_text(text, encoding="utf-8")
        return read_labels(path, LabelOptions(**options), facts)

    return run
