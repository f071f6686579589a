"""Results of several splits of one data set, and their mean."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from statistics import mean, stdev
from typing import Any

from twostream.atomic import write_json, write_text
from twostream.datasets.manifest import read_manifest
from twostream.errors import TwostreamError
from twostream.evaluation import bootstrap
from twostream.evaluation.analysis import Analysis
from twostream.evaluation.paired import difference_content, fusions_and_best
from twostream.evaluation.pooled import pool, pooled_content, write_pooled
from twostream.evaluation.results import MEASURES, RESULTS_NAME, measures_of, read_results
from twostream.evaluation.scores import ClipScores, load_scores
from twostream.evaluation.timeline_files import pooled_timelines
from twostream.training.options import CIRCUMSTANCES
from twostream.training.record import RECORD_NAME, read_record

ALL = "all"
Cells = dict[str, dict[str, dict[str, Any]]]


def split_folder(run: Path, split: int) -> Path:
    """Where a run of several splits keeps one of them.

    >>> split_folder(Path("run"), 2)
    PosixPath('run/split2')
    """
    return run / f"split{split}"


def parse_splits(text: str, *, known: Iterable[int] = ()) -> tuple[int, ...]:
    """Numbers of splits from a comma-separated list, in their order; raises TwostreamError otherwise.

    ``all`` stands for all that are `known`.

    >>> parse_splits("3,1,2"), parse_splits("all", known=[2, 1])
    ((1, 2, 3), (1, 2))
    """
    if str(text).strip().casefold() == ALL:
        return tuple(sorted(known))
    parts = [part.strip() for part in str(text).split(",") if part.strip()]
    if not parts or not all(part.isdecimal() and int(part) > 0 for part in parts):
        raise TwostreamError(
            "--splits",
            expected="numbers of splits, such as 1,2,3, or all",
            found=str(text) or "nothing",
            remedy="or --split N for one",
        )
    return tuple(sorted({int(part) for part in parts}))


def trained_splits(run: Path) -> tuple[int, ...]:
    """The splits with a trained stream in a run of several; empty for a run of one."""
    numbers = (path.name.removeprefix("split") for path in run.glob("split*"))
    return tuple(
        number
        for number in sorted(int(number) for number in numbers if number.isdecimal())
        if is_trained(split_folder(run, number))
    )


def is_trained(folder: Path) -> bool:
    """Whether a finished training of either stream lies in a run folder itself."""
    return any((folder / name / RECORD_NAME).is_file() for name in ("spatial", "temporal"))


def differing_options(run: Path, splits: Iterable[int]) -> tuple[str, ...]:
    """Names of the training options in which the splits of a run differ, apart from the split itself.

    A mean over splits is that of one way to train only where this is empty.
    """
    names: set[str] = set()
    for stream in ("spatial", "temporal"):
        folders = [split_folder(run, number) / stream for number in splits]
        options = [read_record(one).options for one in folders if (one / RECORD_NAME).is_file()]
        for other in options[1:]:
            keys = (options[0].keys() | other.keys()) - {"split", *CIRCUMSTANCES}
            names |= {key for key in keys if options[0].get(key) != other.get(key)}
    return tuple(sorted(names))


def write_split_results(run: Path, by_split: Mapping[int, Mapping[str, Any]]) -> dict[str, Any]:
    """Write ``results.json`` and ``results.csv`` of a run of several splits; returns the former.

    `by_split` holds the results of each. ``mean`` has their shape: accuracies are means over the
    splits, of the streams and protocols that all have; intervals are drawn over source groups, a
    source that is in several splits alike in all. ``standard_deviation`` is that over splits
    (n - 1), None where there is one split. ``mean`` also has ``fusion_minus_best_stream`` by protocol: the
    paired differences of the means. Of folds, ``pooled`` has the accuracies over all their clips together,
    and scores and analyses of these are written too.
    """
    results = [by_split[number] for number in sorted(by_split)]
    first = results[0]
    common: Cells = {
        protocol: {
            stream: {}
            for stream in streams
            if all(stream in one["protocols"].get(protocol, {}) for one in results)
        }
        for protocol, streams in first["protocols"].items()
        if all(protocol in one["protocols"] for one in results)
    }
    measures = measures_of(first)
    multi_label = bool(first.get("multi_label"))
    means, spreads = common, {protocol: dict(streams) for protocol, streams in common.items()}
    gains: dict[str, list[dict[str, Any]]] = {}
    manifest = read_manifest(Path(first["data"]))
    pooled: dict[str, dict[str, ClipScores]] = {}
    for protocol, streams in common.items():
        scores = (
            {}
            if multi_label
            else {
                number: load_scores(split_folder(run, number) / "scores" / f"{protocol}.npz")
                for number in by_split
            }
        )
        group = {row.clip_id: row.group for row in manifest.rows}
        # Thresholds of labels are those of each split: only means over splits are told of them.
        draws = (
            bootstrap.resample([_part(found, group) for found in scores.values()])
            if scores
            else None
        )
        if scores and (together := pool(scores, manifest)) is not None:
            pooled[protocol] = together
        gains[protocol] = (
            []
            if draws is None
            else [
                {
                    "first": fusion,
                    "second": best,
                    **{m: difference_content(draws.difference(fusion, best, m)) for m in MEASURES},
                }
                for fusion, best in fusions_and_best(draws)
            ]
        )
        for stream in streams:
            values = {
                measure: [one["protocols"][protocol][stream][measure] for one in results]
                for measure in measures
            }
            means[protocol][stream] = {
                **{measure: mean(found) for measure, found in values.items()},
                "intervals": {} if draws is None else draws.intervals(stream),
            }
            spreads[protocol][stream] = {
                measure: stdev(found) if len(found) > 1 else None
                for measure, found in values.items()
            }
    combined: dict[str, Any] = {
        "dataset": first["dataset"],
        "classes": first["classes"],
        "splits": {str(number): dict(by_split[number]) for number in sorted(by_split)},
        "mean": {
            "dataset": first["dataset"],
            "split": "mean of " + ", ".join(str(number) for number in sorted(by_split)),
            "n_test": sum(one["n_test"] for one in results),
            "classes": first["classes"],
            "untested_classes": [
                name
                for name in first.get("untested_classes") or ()
                if all(name in (one.get("untested_classes") or ()) for one in results)
            ],
            "protocols": means,
            "fusion_minus_best_stream": gains,
            **(
                {
                    "multi_label": True,
                    "chance_map": mean(one["chance_map"] for one in results),
                    "left_out": first["left_out"],
                }
                if multi_label
                else {}
            ),
            "fusion": first["fusion"]
            and {k: v for k, v in first["fusion"].items() if k not in ("variants", "chosen")},
        },
        "standard_deviation": {"protocols": spreads},
    }
    analyses: dict[str, Analysis] = {}
    if pooled:
        numbers = {number: int(one["n_test"]) for number, one in by_split.items()}
        combined["pooled"], analyses = pooled_content(
            pooled, manifest, dataset=first["dataset"], numbers=numbers
        )
        combined["pooled"]["fusion"] = combined["mean"]["fusion"]
        timelines = pooled_timelines(
            {split_folder(run, number): one for number, one in by_split.items()}
        )
        if timelines is not None:
            combined["pooled"]["timelines"] = timelines
    write_pooled(run, pooled, analyses)
    write_json(run / RESULTS_NAME, combined)
    write_text(run / "results.csv", _table(combined))
    return combined


def overall(combined: Mapping[str, Any]) -> Mapping[str, Any]:
    """What speaks for several splits as one: all clips together where each is tested once, else the mean.

    >>> overall({"mean": {"n_test": 50}})
    {'n_test': 50}
    """
    found: Mapping[str, Any] = combined.get("pooled") or combined["mean"]
    return found


def results_by_folder(run: Path) -> dict[Path, dict[str, Any]]:
    """What ``results.json`` of a run says of the folders with trained streams: of its splits, or itself.

    Raises TwostreamError where it is missing or damaged.
    """
    several = _of_several(run)
    if several is None:
        return {run: read_results(run)}
    return {split_folder(run, int(number)): one for number, one in several["splits"].items()}


def measured_results(run: Path) -> dict[str, Any]:
    """The results of a run of one split, or of folds those of all clips together, in the same shape.

    Raises TwostreamError where they are missing or damaged, and for other runs of several splits.
    """
    several = _of_several(run)
    if several is None or "pooled" not in several:
        return read_results(run)
    first = next(iter(several["splits"].values()))
    return {**several["pooled"], **{k: first[k] for k in ("data", "engines") if k in first}}


def _of_several(run: Path) -> dict[str, Any] | None:
    try:
        results = json.loads((run / RESULTS_NAME).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return results if isinstance(results, dict) and "splits" in results else None


def _part(scores: Mapping[str, ClipScores], group: Mapping[str, str]) -> bootstrap.Part:
    found = next(iter(scores.values()))
    return bootstrap.Part(
        scores={name: held.values for name, held in scores.items()},
        labels=found.labels,
        groups=[group[clip_id] for clip_id in found.ids],
    )


def _table(combined: Mapping[str, Any]) -> str:
    text = io.StringIO()
    rows = csv.writer(text, lineterminator="\n")
    measures = measures_of(combined["mean"])
    rows.writerow(["split", "protocol", "stream", *measures])
    held = {**combined["splits"], "mean": combined["mean"]}
    if "pooled" in combined:
        held["pooled"] = combined["pooled"]
    held["standard_deviation"] = combined["standard_deviation"]
    for name, one in held.items():
        for protocol, streams in one["protocols"].items():
            for stream, values in streams.items():
                cells = (values[measure] for measure in measures)
                rows.writerow(
                    [name, protocol, stream, *("" if v is None else f"{v:.6f}" for v in cells)]
                )
    return text.getvalue()
