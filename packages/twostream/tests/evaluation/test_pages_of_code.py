"""The code that the docs show runs as it stands there, on a trained run and one of its videos."""

from __future__ import annotations

import ast
import contextlib
import io
import re
from pathlib import Path

import pytest
from small_dataset import CLASSES

DOCS = Path(__file__).parents[4] / "docs"


def code_of(page: str, number: int = 0) -> str:
    blocks: list[str] = re.findall(
        r"^```python\n(.*?)^```$", (DOCS / page).read_text(), re.M | re.S
    )
    return blocks[number]


@pytest.fixture
def printed(trained_run: Path, small_videos: Path):
    video = next(small_videos.rglob("*.avi"))

    def run(code: str) -> list[str]:
        for word, place in (("RUN", trained_run), ("DIR", trained_run), ("video.mp4", video)):
            code = code.replace(f'"{word}"', repr(str(place)))
        out = io.StringIO()
        with contextlib.redirect_stdout(out):
            exec(compile(code, "page", "exec"), {})
        return out.getvalue().splitlines()

    return run


def test_a_sample_flows_through_the_shapes_that_the_page_promises(printed) -> None:
    facts, image, *shapes, total = printed(code_of("how-a-sample-flows.md"))
    assert "layout='video', width=48, height=48" in facts
    assert image == "(48, 48, 3) uint8 (48, 48) uint8"
    sample, maps, features, logits = map(ast.literal_eval, shapes)
    assert sample == (32, 32, 8)
    assert (maps[0], maps[-1]) == features
    assert logits == (1, 3)
    assert float(total) == pytest.approx(1)


def test_a_bundle_scores_a_video_as_the_page_of_formats_shows(printed) -> None:
    *_, scores = printed(code_of("formats.md"))
    assert all(f"'{stream}': array" in scores for stream in ("spatial", "temporal", "fusion"))


def test_a_loaded_run_is_asked_as_the_page_of_predict_shows(printed) -> None:
    best, *windows = printed(code_of("predict.md"))
    label, score = best.split()
    assert label in CLASSES
    assert 0 < float(score) <= 1
    assert [float(line.split()[0]) for line in windows] == sorted(
        float(line.split()[0]) for line in windows
    )
    assert windows
