"""Moments that look alike."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import polars as pl

from twostream.embeddings.files import vectors_of
from twostream.errors import TwostreamError
from twostream.suggestions import did_you_mean

# Vectors of one stream are compared by how far they point away from the mean of them all.
SMALLEST_LENGTH = 1e-12


@dataclass(frozen=True)
class SimilarMoment:
    """A moment of a source, and the cosine of the angle between its features and those asked for."""

    source: str
    start_s: float
    end_s: float
    similarity: float

    def to_dict(self) -> dict[str, Any]:
        """Plain values, for JSON."""
        return asdict(self)


def nearest(
    table: pl.DataFrame,
    *,
    source: str,
    seconds: float | None = None,
    stream: str | None = None,
    top: int = 10,
) -> list[SimilarMoment]:
    """The `top` moments that are most like that of `source` at `seconds` (None: its first), best first.

    `table` is that of `read_features`. Features are centred by their mean; the similarity is the mean of
    the streams' cosines, or the one of `stream`. Of moments that overlap, or follow each other within their
    own length, in one source, only the best is told, and none that is so near to the moment asked for.
    Raises TwostreamError for a source, a moment or a stream that the table does not have.
    """
    moments = _moments(table, stream)
    asked = _row_at(moments, source, seconds)
    similarities = np.mean(
        [_cosines(vectors_of(moments_of), asked) for moments_of in moments.values()], axis=0
    )
    first = next(iter(moments.values()))
    names, starts, ends = (first[name].to_list() for name in ("source", "start_s", "end_s"))
    taken = [(names[asked], starts[asked], ends[asked])]
    found: list[SimilarMoment] = []
    for k in np.argsort(-similarities, kind="stable").tolist():
        if len(found) == top:
            break
        if any(_near((names[k], starts[k], ends[k]), other) for other in taken):
            continue
        taken.append((names[k], starts[k], ends[k]))
        found.append(SimilarMoment(names[k], starts[k], ends[k], float(similarities[k])))
    return found


def _moments(table: pl.DataFrame, stream: str | None) -> dict[str, pl.DataFrame]:
    """The rows of each stream, of which all have the same moments in the same order."""
    streams = table["stream"].unique(maintain_order=True).to_list()
    if stream is not None and stream not in streams:
        raise TwostreamError(
            f"--stream {stream}",
            expected=f"one that the features are of: {', '.join(streams)}",
            found="none of them",
            remedy="leave --stream out",
        )
    wanted = streams if stream is None else [stream]
    return {one: table.filter(pl.col("stream") == one) for one in wanted}


def _row_at(moments: dict[str, pl.DataFrame], source: str, seconds: float | None) -> int:
    rows = next(iter(moments.values())).with_row_index()
    own = rows.filter(pl.col("source") == source)
    if not own.height:
        names = rows["source"].unique(maintain_order=True).to_list()
        raise TwostreamError(
            source,
            expected="a source that the features are of",
            found="none of them",
            remedy=did_you_mean(source, names, otherwise=f"there are {len(names)}: {names[0]}, …"),
        )
    if seconds is None:
        return int(own["index"][0])
    first, last = float(own["start_s"].min()), float(own["end_s"].max())  # type: ignore[arg-type]
    if not first <= seconds <= last:
        raise TwostreamError(
            f"{source} at {seconds:g} s",
            expected=f"a moment from {first:g} to {last:g} s",
            found="another",
            remedy="name a moment that the features are of",
        )
    middle = (own["start_s"] + own["end_s"]) / 2
    return int(own["index"][int((middle - seconds).abs().arg_min() or 0)])


def _cosines(vectors: np.ndarray[Any, Any], asked: int) -> np.ndarray[Any, Any]:
    centred = vectors - vectors.mean(axis=0, dtype=np.float64)
    lengths = np.maximum(np.linalg.norm(centred, axis=1, keepdims=True), SMALLEST_LENGTH)
    unit = centred / lengths
    cosines: np.ndarray[Any, Any] = unit @ unit[asked]
    return cosines


def _near(one: tuple[str, float, float], other: tuple[str, float, float]) -> bool:
    """Whether two moments of one source overlap, or come within the length of one of each other."""
    if one[0] != other[0]:
        return False
    length = max(one[2] - one[1], other[2] - other[1])
    return max(one[1], other[1]) - min(one[2], other[2]) < length
