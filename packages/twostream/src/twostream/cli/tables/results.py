"""What was trained and how right it is."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

from twostream.cli.tables.lines import print_line, print_notes
from twostream.datasets.manifest import ALL_CLIPS
from twostream.datasets.names import counted
from twostream.evaluation.engines import engines_text, recorded_engines
from twostream.evaluation.paired import lead_of
from twostream.progress import clock
from twostream.verbs.results import Evaluation, Trained, TrainingBegins


def print_training_begins(begins: TrainingBegins) -> None:
    """Say before a training how many clips train, validate and test, and what these cannot tell."""
    parts = begins.parts
    if parts.split == ALL_CLIPS:
        clips = counted(parts.training + parts.validation, "clip")
        validating = f", {parts.validation} of them to validate on" if parts.validation else ""
        print_line(f"{begins.stream}: a final model of all {clips}{validating}; none is tested")
        print_notes(begins.notes)
        return
    print_line(
        f"{begins.stream}: {counted(parts.training, 'clip')} to train on, {parts.validation} to validate "
        f"on, {parts.test} to test on (split {parts.split})"
    )
    print_notes(begins.notes)


def print_trained(trained: Trained) -> None:
    """Say what was trained on what and how the epoch was chosen, or that all of it was there already."""
    record = trained.record
    how = "was there already, trained" if trained.was_there else "trained"
    print_line(
        f"{record.stream}: {how} on {record.n_train} clips of {len(record.classes)} classes in "
        f"{clock(record.duration_seconds)}; epoch {record.selected_epoch} used: {record.selection}"
    )
    print_notes(trained.notes)


def print_evaluation(evaluation: Evaluation) -> None:
    """The tables of accuracies, in per cent, and what is worth knowing of them."""
    if evaluation.of_splits:
        _print_splits(evaluation.to_dict())
    else:
        _print_split(evaluation.to_dict())
    print_notes(evaluation.notes)


def _print_split(results: dict[str, Any]) -> None:
    table = Table(
        title=f"{results['dataset']}, split {results['split']}: {results['n_test']} test clips, "
        f"{len(results['classes'])} {'labels' if results.get('multi_label') else 'classes'}"
    )
    for heading in ("protocol", "stream"):
        table.add_column(heading)
    names = _names(results)
    first, *others = names.values()
    for heading in (first, "95 % interval", *others):
        table.add_column(heading, justify="right")
    for protocol, streams in results["protocols"].items():
        for k, (stream, values) in enumerate(streams.items()):
            cells = [f"{100 * values[name]:.1f} %" for name in names]
            cells.insert(1, _interval(values, next(iter(names))))
            table.add_row(protocol if k == 0 else "", stream, *cells)
        table.add_section()
    Console().print(table)
    if results.get("multi_label"):
        _print_labels(results)
    if "timelines" in results:
        _print_timelines(results["timelines"])
    if "original" in results:
        _print_original(results["original"])
    print_line(f"scores computed by: {engines_text(recorded_engines(results))}")


CLASS_MEASURES = {"top1": "top-1", "top5": "top-5", "mean_class": "mean class"}
LABEL_MEASURES = {"map": "mAP", "f1_macro": "F1 macro", "f1_micro": "F1 micro"}


def _names(results: Mapping[str, Any]) -> Mapping[str, str]:
    return LABEL_MEASURES if results.get("multi_label") else CLASS_MEASURES


def _print_labels(results: Mapping[str, Any]) -> None:
    """The table of labels by the last stream, of the last protocol."""
    protocol, streams = list(results["labels"].items())[-1]
    stream = lead_of(list(streams))
    table = Table(title=f"Labels by {stream}, {protocol}; per cent")
    table.add_column("label")
    for heading in ("clips", "AP", "threshold", "precision", "recall", "F1"):
        table.add_column(heading, justify="right")
    for one in streams[stream]:
        shares = [one[name] for name in ("average_precision", "precision", "recall", "f1")]
        cells = ["-" if share is None else f"{100 * share:.1f}" for share in shares]
        cells.insert(1, f"{one['threshold']:.2f}")
        table.add_row(Text(one["label"]), str(one["clips"]), *cells)
    table.caption = f"{results['thresholds']['reason']}. {results['left_out']}."
    Console().print(table)


def _print_timelines(timelines: dict[str, Any]) -> None:
    first = next(iter(timelines["streams"].values()))
    table = Table(
        title=f"Timelines of {counted(first['recordings'], 'recording')}, "
        f"{clock(first['seconds'])}, {counted(first['true_intervals'], 'interval')}; per cent"
    )
    table.add_column("stream")
    shown = ("frame_accuracy", "f1_10", "f1_25", "f1_50", "edit", "map")
    for heading in ("frames", "F1@10", "F1@25", "F1@50", "edit", "mAP", "boundaries"):
        table.add_column(heading, justify="right")
    for stream, values in timelines["streams"].items():
        error = values["median_boundary_error_s"]
        cells = ["-" if values[name] is None else f"{100 * values[name]:.1f}" for name in shown]
        table.add_row(stream, *cells, "-" if error is None else f"{error:.2f} s")
    interval = next(iter(reversed(timelines["streams"].values())))["intervals"].get("f1_50")
    table.caption = (
        "mAP: mean over tIoU of 0.3 to 0.7; boundaries: median error of right intervals."
        + (
            f" F1@50 of the last: {100 * interval[0]:.0f} to {100 * interval[1]:.0f} (95 %)."
            if interval
            else ""
        )
    )
    Console().print(table)


def _interval(values: Mapping[str, Any], measure: str = "top1") -> str:
    """The 95 % interval of a measure in per cent, where the results have it."""
    ends = (values.get("intervals") or {}).get(measure)
    return "" if ends is None else f"{100 * ends[0]:.0f} to {100 * ends[1]:.0f}"


def _print_original(original: dict[str, Any]) -> None:
    table = Table(title="As the original measured")
    for heading in ("cell", "stream"):
        table.add_column(heading)
    for heading in ("top-1", "top-5", "measured on"):
        table.add_column(heading, justify="right")
    for cell, streams in original["protocols"].items():
        for k, (stream, values) in enumerate(streams.items()):
            table.add_row(
                cell if k == 0 else "",
                stream,
                *(f"{100 * values[name]:.1f} %" for name in ("top1", "top5")),
                f"{values['instances']} {values['of']}",
            )
        table.add_section()
    table.caption = original["note"]
    Console().print(table)


def _print_splits(combined: dict[str, Any]) -> None:
    """The table of accuracies over splits, in per cent: the mean, its spread, and each split.

    Below it, by how much fusion is above the best stream.
    """
    if "pooled" in combined:
        _print_pooled(combined)
        _print_gains(combined["pooled"])
        return
    mean, splits = combined["mean"], combined["splits"]
    spread = combined["standard_deviation"]["protocols"]
    table = Table(
        title=f"{mean['dataset']}, {mean['split']}: {mean['n_test']} test clips, "
        f"{len(mean['classes'])} classes"
    )
    for heading in ("protocol", "stream"):
        table.add_column(heading)
    names = _names(mean)
    lead = next(iter(names))
    for heading in (*names.values(), *(f"split {number}" for number in splits)):
        table.add_column(heading, justify="right")
    for protocol, streams in mean["protocols"].items():
        for k, (stream, values) in enumerate(streams.items()):
            cells = [
                _mean_and_spread(values[name], spread[protocol][stream][name]) for name in names
            ]
            cells += [
                f"{100 * one['protocols'][protocol][stream][lead]:.1f} %" for one in splits.values()
            ]
            table.add_row(protocol if k == 0 else "", stream, *cells)
        table.add_section()
    table.caption = (
        f"Means over splits ± their standard deviation; of each split its {names[lead]}."
        if len(splits) > 1
        else None
    )
    Console().print(table)
    _print_gains(mean)


def _print_pooled(combined: dict[str, Any]) -> None:
    """The table of accuracies over all clips of splits that test each of them once."""
    pooled, mean = combined["pooled"], combined["mean"]
    spread = combined["standard_deviation"]["protocols"]
    table = Table(
        title=f"{pooled['dataset']}, {pooled['split']}: {pooled['n_test']} test clips of "
        f"{counted(pooled['source_videos'], 'source')}, {len(pooled['classes'])} classes; per cent"
    )
    for heading in ("protocol", "stream"):
        table.add_column(heading)
    for heading in ("top-1", "95 %", "top-5", "class", "by split"):
        table.add_column(heading, justify="right")
    for protocol, streams in pooled["protocols"].items():
        for k, (stream, values) in enumerate(streams.items()):
            cells = [f"{100 * values[name]:.1f}" for name in ("top1", "top5", "mean_class")]
            cells.insert(1, _interval(values))
            alone = mean["protocols"][protocol][stream]["top1"]
            cells.append(_mean_and_spread(alone, spread[protocol][stream]["top1"]).rstrip(" %"))
            table.add_row(protocol if k == 0 else "", stream, *cells)
        table.add_section()
    table.caption = (
        "Each clip is scored by the networks of the split that tests it. Class: mean over classes; by "
        "split: mean of top-1 ± standard deviation."
    )
    Console().print(table)


def _print_gains(told_of: Mapping[str, Any]) -> None:
    """By how much the plain average is above the best stream."""
    from twostream.reporting.svg import signed

    for protocol, gains in told_of.get("fusion_minus_best_stream", {}).items():
        for gain in gains[:1]:  # the plain average, which comes first
            told = gain["top1"]
            low, high = (signed(end) for end in told["interval"])
            print_line(
                f"{protocol}: {gain['first']} minus {gain['second']} {signed(told['difference'])} "
                f"points of top-1 (95 % interval {low} to {high})"
            )


def _mean_and_spread(mean: float, spread: float | None) -> str:
    text = f"{100 * mean:.1f}"
    return f"{text} %" if spread is None else f"{text} ± {100 * spread:.1f} %"
