"""What is known of how well a run recognises, each number with its interval and the clips it is of."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from twostream.datasets.names import counted
from twostream.errors import TwostreamError
from twostream.evaluation.results import read_results
from twostream.formats import LaterFormatError
from twostream.training.two_streams import TwoStreamBundle

STREAMS = ("spatial", "temporal", "fusion", "chosen")
FEW_CLIPS = 50


@dataclass(frozen=True, kw_only=True)
class MeasuredAccuracy:
    """Top-1 of one stream by one protocol, fractions of 1; `interval` is the 95 % one, if it is known."""

    protocol: str
    stream: str
    top1: float
    interval: tuple[float, float] | None


@dataclass(frozen=True, kw_only=True)
class Accuracies:
    """All that were measured, on so many test clips of a data set, and what to know of them."""

    dataset: str
    n_test: int
    rows: tuple[MeasuredAccuracy, ...]
    notes: tuple[str, ...]


def accuracies_of(bundle: TwoStreamBundle) -> Accuracies | None:
    """Those that a final model carries, or of the results beside the bundle; None where there are none.

    Results of other trainings are none.
    """
    if bundle.accuracy is not None:
        return _read(bundle.accuracy, [str(bundle.accuracy["meaning"])])
    try:
        results = read_results(bundle.folder)
    except LaterFormatError:
        raise
    except TwostreamError:
        return None
    trainings = {one.stream: one.training.fingerprint for one in bundle.streams}
    return _read(results, []) if dict(results.get("trainings", {})) == trainings else None


def _read(results: Mapping[str, Any], notes: Sequence[str]) -> Accuracies | None:
    protocols: Mapping[str, Any] = results.get("protocols") or {}
    rows = tuple(
        MeasuredAccuracy(
            protocol=protocol,
            stream=stream,
            top1=float(streams[stream]["top1"]),
            interval=_interval(streams[stream].get("intervals")),
        )
        for protocol, streams in protocols.items()
        for stream in STREAMS
        if stream in streams
    )
    if not rows:
        return None
    n_test, told = int(results.get("n_test") or 0), list(notes)
    if 0 < n_test < FEW_CLIPS:
        told.append(f"{counted(n_test, 'test clip')} cannot tell much: mind the intervals")
    if untested := results.get("untested_classes"):
        told.append(f"without a test clip, so untested: {', '.join(map(str, untested))}")
    return Accuracies(
        dataset=str(results.get("dataset") or "videos"),
        n_test=n_test,
        rows=rows,
        notes=tuple(told),
    )


def _interval(intervals: Mapping[str, Sequence[float]] | None) -> tuple[float, float] | None:
    found = None if intervals is None else intervals.get("top1")
    return None if found is None else (float(found[0]), float(found[1]))
