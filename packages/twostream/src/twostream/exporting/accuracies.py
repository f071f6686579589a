"""What is known of how well a run recognises, each number with its interval and the clips it is of."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from twostream.datasets.names import counted
from twostream.errors import TwostreamError
from twostream.evaluation.accuracy_in_float32 import RESULTS_KEY
from twostream.evaluation.engines import precision_of
from twostream.evaluation.results import LEAD_NAMES, read_results
from twostream.formats import LaterFormatError
from twostream.training.two_streams import TwoStreamBundle

STREAMS = ("spatial", "temporal", "fusion", "chosen")
FEW_CLIPS = 50


@dataclass(frozen=True, kw_only=True)
class MeasuredAccuracy:
    """What one stream reaches by one protocol, as a fraction of 1; `interval`: the 95 % one, if known."""

    protocol: str
    stream: str
    value: float
    interval: tuple[float, float] | None


@dataclass(frozen=True, kw_only=True)
class Accuracies:
    """All that were measured, on so many test clips of a data set, and what to know of them.

    `measure`: top-1, or of labels that hold by themselves the mean average precision. `precision`: of the
    numbers in which they were measured, None where nothing tells.
    """

    dataset: str
    n_test: int
    measure: str
    precision: str | None
    rows: tuple[MeasuredAccuracy, ...]
    notes: tuple[str, ...]


def accuracies_of(bundle: TwoStreamBundle, *, precision: str = "float32") -> Accuracies | None:
    """Those that a final model carries, or of the results beside the bundle; None where there are none.

    Results of other trainings are none. Where the networks were measured in int8 and in float32, they are
    those in `precision`.
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
    exact = results.get(RESULTS_KEY)
    if exact is not None and precision == "float32":
        results = {**results, "protocols": exact["protocols"], "precision": "float32"}
    return _read(results, []) if dict(results.get("trainings", {})) == trainings else None


def _read(results: Mapping[str, Any], notes: Sequence[str]) -> Accuracies | None:
    protocols: Mapping[str, Any] = results.get("protocols") or {}
    of_labels = any("map" in one for streams in protocols.values() for one in streams.values())
    measure = "map" if of_labels else "top1"
    rows = tuple(
        MeasuredAccuracy(
            protocol=protocol,
            stream=stream,
            value=float(streams[stream][measure]),
            interval=_interval(streams[stream].get("intervals"), measure),
        )
        for protocol, streams in protocols.items()
        for stream in STREAMS
        if stream in streams and measure in streams[stream]
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
        measure=LEAD_NAMES[measure],
        precision=results.get("precision") or precision_of(results),
        rows=rows,
        notes=tuple(told),
    )


def _interval(
    intervals: Mapping[str, Sequence[float]] | None, measure: str
) -> tuple[float, float] | None:
    found = None if intervals is None else intervals.get(measure)
    return None if found is None else (float(found[0]), float(found[1]))
