"""Moments that look alike."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import polars as pl
import pytest
from twostream.embeddings.features import SourceFeatures
from twostream.embeddings.files import features_table, read_features, vectors_of, write_features
from twostream.embeddings.nearest import nearest
from twostream.errors import TwostreamError

RNG = np.random.default_rng(0)
A, B, C = RNG.normal(size=(3, 16)).astype(np.float32)


def seen(source: str, *vectors: np.ndarray, flow: np.ndarray = C) -> SourceFeatures:
    """One window a second, each as long."""
    starts = np.arange(len(vectors), dtype=float)
    return SourceFeatures(
        source,
        np.stack([starts, starts + 1], axis=1),
        {
            "spatial": np.stack(vectors)
            + RNG.normal(0, 0.01, (len(vectors), 16)).astype(np.float32),
            "temporal": np.stack([flow] * len(vectors)),
        },
    )


@pytest.fixture
def table() -> pl.DataFrame:
    return features_table([seen("one", A, A, B, B, C, A), seen("two", B, C, C, C, A, C)])


def test_a_file_gives_back_the_vectors(tmp_path: Path) -> None:
    found = [seen("one", A, B), seen("two", C)]
    write_features(tmp_path / "f.parquet", found)
    table = read_features(tmp_path / "f.parquet")
    assert table.columns == ["source", "stream", "start_s", "end_s", "features"]
    own = table.filter((pl.col("source") == "one") & (pl.col("stream") == "spatial"))
    np.testing.assert_array_equal(vectors_of(own), found[0].vectors["spatial"])
    assert own["start_s"].to_list() == [0.0, 1.0]


def test_the_whole_of_a_source_is_the_mean_of_its_windows() -> None:
    one = seen("one", A, B)
    whole = one.of_whole()
    assert whole.windows_s.tolist() == [[0.0, 2.0]]
    np.testing.assert_allclose(
        whole.vectors["spatial"][0], one.vectors["spatial"].mean(axis=0), atol=1e-6
    )


def test_the_moments_like_one_are_found_once_each_and_not_itself(table: pl.DataFrame) -> None:
    found = nearest(table, source="one", seconds=0.5, stream="spatial", top=2)
    assert [(one.source, one.start_s) for one in found] == [("one", 5.0), ("two", 4.0)] or [
        (one.source, one.start_s) for one in found
    ] == [("two", 4.0), ("one", 5.0)]
    assert all(one.similarity > 0.95 for one in found)
    # Moments side by side are one find: of the three Cs of "two" it tells one.
    like_c = nearest(table, source="one", seconds=4.5, stream="spatial", top=3)
    assert sum(one.source == "two" and 1 <= one.start_s <= 3 for one in like_c) == 1


def test_both_streams_count_alike(table: pl.DataFrame) -> None:
    by_frames = nearest(table, source="one", seconds=0.5, stream="spatial", top=1)[0]
    by_both = nearest(table, source="one", seconds=0.5, top=1)[0]
    # All flows are the same here: they are at no angle, which is no similarity.
    assert by_both.similarity == pytest.approx(by_frames.similarity / 2, abs=1e-3)


@pytest.mark.parametrize(
    ("asked", "told"),
    [
        ({"source": "on"}, "did you mean one"),
        ({"source": "one", "seconds": 60.0}, "from 0 to 6 s"),
        ({"source": "one", "stream": "sound"}, "spatial, temporal"),
    ],
)
def test_what_is_not_there_is_refused(table: pl.DataFrame, asked: dict, told: str) -> None:
    with pytest.raises(TwostreamError, match=told):
        nearest(table, **asked)


def test_another_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "text.parquet").write_text("no")
    with pytest.raises(TwostreamError, match="twostream features"):
        read_features(tmp_path / "text.parquet")
    pl.DataFrame({"source": ["a"]}).write_parquet(tmp_path / "other.parquet")
    with pytest.raises(TwostreamError, match="without stream"):
        read_features(tmp_path / "other.parquet")
