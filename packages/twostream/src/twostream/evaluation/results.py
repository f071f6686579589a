"""`results.json` and `results.csv`: the accuracies of a run."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from twostream.atomic import write_json, write_text
from twostream.errors import TwostreamError
from twostream.evaluation.engines import engines_content
from twostream.evaluation.label_measures import LABEL_MEASURES, LabelAccuracy
from twostream.evaluation.metrics import Accuracy
from twostream.models.computation import Computation

STREAMS = ("spatial", "temporal", "fusion")
RESULTS_NAME = "results.json"
MEASURES = ("top1", "top5", "mean_class")
# What the first measure of clips of one class each, and of several labels, is called.
LEAD_NAMES = {"top1": "top-1", "map": "mAP"}

Intervals = Mapping[str, Sequence[float]]
Measured = Accuracy | LabelAccuracy


def measures_of(results: Mapping[str, Any]) -> tuple[str, ...]:
    """The measures of a ``results.json``: others where clips have several labels at once.

    >>> measures_of({"multi_label": True})[0], measures_of({})[0]
    ('map', 'top1')
    """
    return LABEL_MEASURES if results.get("multi_label") else MEASURES


def write_results(
    run: Path,
    *,
    dataset: str,
    split: int,
    n_test: int,
    classes: tuple[str, ...],
    untested: Sequence[str] = (),
    protocols: Mapping[str, Mapping[str, Measured]],
    intervals: Mapping[str, Mapping[str, Intervals]],
    fusion: Mapping[str, Any] | None,
    original: Mapping[str, Any] | None = None,
    views: Mapping[str, str] | None = None,
    selection: Mapping[str, str],
    trainings: Mapping[str, str],
    engines: Mapping[str, Sequence[Computation]],
    rounding: Mapping[str, Mapping[str, Any]] | None = None,
    data: Path,
    environment: Mapping[str, str],
    folds: int | None = None,
    measures: Sequence[str] = MEASURES,
    more: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """Write both files and return the content of the JSON one; accuracies are fractions of 1.

    `untested` names the classes without a test clip, `views` what each stream saw of an image.
    `intervals` holds the 95 % interval of each measure, by protocol and stream; `original` the table of the
    original's procedures, where it was asked for; `engines` what computed each stream's scores; `rounding`
    how far they are from float32, where they are in another precision. Of clips with several labels the
    `measures` are others, and `more` is what only such results have.
    """
    results: dict[str, Any] = {
        "dataset": dataset,
        "split": split,
        "n_test": n_test,
        "classes": list(classes),
        "untested_classes": list(untested),
        "protocols": protocols_content(protocols, intervals, measures),
        "fusion": dict(fusion) if fusion else None,
        "views": dict(views or {}),
        "selection": dict(selection),
        "trainings": dict(trainings),
        "engines": engines_content(engines),
        "data": str(data.resolve()),
        "environment": dict(environment),
    }
    if folds is not None:
        results["folds"] = folds
    if rounding:
        results["rounding"] = {stream: dict(told) for stream, told in rounding.items()}
    results |= more or {}
    if original is not None:
        results["original"] = dict(original)
    write_json(run / RESULTS_NAME, results)
    text = io.StringIO()
    rows = csv.writer(text, lineterminator="\n")
    bounds = [f"{measure}_{end}_95" for measure in measures for end in ("low", "high")]
    rows.writerow(["protocol", "stream", *measures, *bounds])
    for protocol, streams in results["protocols"].items():
        for stream, values in streams.items():
            cells = [values[measure] for measure in measures]
            cells += [end for measure in measures for end in values["intervals"][measure]]
            rows.writerow([protocol, stream, *(f"{value:.6f}" for value in cells)])
    write_text(run / "results.csv", text.getvalue())
    return results


def protocols_content(
    protocols: Mapping[str, Mapping[str, Measured]],
    intervals: Mapping[str, Mapping[str, Intervals]],
    measures: Sequence[str],
) -> dict[str, Any]:
    """Accuracies with their intervals as ``results.json`` holds them, by protocol and stream."""
    return {
        protocol: {
            stream: {
                **accuracy.to_dict(),
                "intervals": {m: list(intervals[protocol][stream][m]) for m in measures},
            }
            for stream, accuracy in streams.items()
        }
        for protocol, streams in protocols.items()
    }


def read_results(run: Path) -> dict[str, Any]:
    """Read ``results.json``; raises TwostreamError where it is missing or damaged."""
    path = run / RESULTS_NAME
    try:
        results: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        if "splits" in results:
            raise TwostreamError(
                path,
                expected="the results of one split",
                found=f"those of splits {', '.join(results['splits'])}",
                remedy=f"name the folder of one, such as {run / 'split'}{next(iter(results['splits']))}",
            )
        if "protocols" not in results:
            raise ValueError("it has no protocols")
        return results
    except (OSError, ValueError, TypeError) as error:
        raise TwostreamError(
            path,
            expected="the results of an evaluated run",
            found=f"none ({error})",
            remedy="run `twostream evaluate` first",
        ) from error
