"""A final model carries the accuracies that the splits of its run measured, and the results tell of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from statistics import fmean, geometric_mean
from typing import Any

from twostream.atomic import write_json
from twostream.errors import TwostreamError
from twostream.evaluation.engines import precision_of
from twostream.evaluation.label_thresholds import (
    mean_thresholds,
    read_label_thresholds,
    write_label_thresholds,
)
from twostream.evaluation.results import RESULTS_NAME
from twostream.evaluation.split_results import overall, split_folder
from twostream.preparation.record import read_preparation_record
from twostream.training.final import (
    ACCURACY_NAME,
    FOLDER_NAME,
    accuracy_content,
    final_folder,
    final_records,
    write_accuracy,
)
from twostream.training.fusion_rule import (
    ChosenFusion,
    FusionSpecification,
    read_chosen,
    write_chosen,
)
from twostream.training.options import CIRCUMSTANCES
from twostream.training.record import TrainingRecord, read_record

# What a split's training is told and a final one, which holds nothing out, is told otherwise; and where.
NOT_COMPARED = ("split", "validation_fraction", "patience", *CIRCUMSTANCES)


def carry_to_final(run: Path, results: dict[str, Any]) -> tuple[dict[str, Any], tuple[str, ...]]:
    """Write ``final/accuracy.json`` and add ``final`` to ``results.json``; the content of that, and notes.

    `results` are those of `run`, of one split or of several. They stay as they are where there is no final
    model, or only part of one. Of one that was trained on other clips or in another way than the splits,
    they tell nothing either: it loses what it carried, and a note says so.
    """
    records = final_records(run)
    several = "splits" in results
    first = next(iter(results["splits"].values())) if several else results
    if not records or records.keys() < first.get("trainings", {}).keys():
        return results, ()
    number = next(iter(results["splits"])) if several else None
    place = run if number is None else split_folder(run, int(number))
    if (reason := _unlike(records, place, Path(str(first["data"])))) is not None:
        (final_folder(run) / ACCURACY_NAME).unlink(missing_ok=True)
        return results, (f"{final_folder(run)} {reason}: train it anew with --final --replace",)
    places = [split_folder(run, int(n)) for n in results["splits"]] if several else [run]
    _carry_rule(final_folder(run), records, places)
    _carry_label_thresholds(final_folder(run), records, places)
    content = accuracy_content(overall(results) if several else results, records)
    content["precision"] = precision_of(results)
    write_accuracy(final_folder(run), content)
    told = {
        **results,
        "final": {
            "folder": FOLDER_NAME,
            "n_train": content["n_train"],
            "trainings": {stream: record.fingerprint for stream, record in records.items()},
            "meaning": content["meaning"],
        },
    }
    write_json(run / RESULTS_NAME, told)
    return told, ()


def _carry_rule(final: Path, records: Mapping[str, TrainingRecord], splits: list[Path]) -> None:
    """Keep how the final model's streams are fused: as the splits chose it, on average.

    Nothing is held out of its own training to choose it on.
    """
    rules = []
    for place in splits if len(records) > 1 else ():
        trainings = {stream: read_record(place / stream).fingerprint for stream in records}
        chosen = read_chosen(place, trainings=trainings)
        if chosen is not None:
            rules.append(chosen.rule)
    if rules:
        trainings = {stream: record.fingerprint for stream, record in records.items()}
        evidence = {"spatial_weights": [rule.spatial_weight for rule in rules]}
        rule = mean_rule(rules)
        write_chosen(final, ChosenFusion(rule=rule, trainings=trainings, evidence=evidence))


def _carry_label_thresholds(
    final: Path, records: Mapping[str, TrainingRecord], splits: list[Path]
) -> None:
    """Keep from which score labels hold: the mean of what the splits chose."""
    if not any(record.multi_label for record in records.values()):
        return
    found = []
    for place in splits:
        trainings = {stream: read_record(place / stream).fingerprint for stream in records}
        kept = read_label_thresholds(place, trainings=trainings)
        if kept is not None and kept.by_stream:
            found.append(kept)
    if found:
        trainings = {stream: record.fingerprint for stream, record in records.items()}
        write_label_thresholds(final, mean_thresholds(found, trainings=trainings))


def mean_rule(rules: Sequence[FusionSpecification]) -> FusionSpecification:
    """The mean of rules: of weights, and of the logarithms of temperatures; pooled as most of them do.

    >>> rules = [FusionSpecification(spatial_weight=w, temperature=t) for w, t in ((1, 0.5), (0.5, 2))]
    >>> mean_rule(rules).spatial_weight, mean_rule(rules).temperature
    (0.75, 1.0)
    """
    pools = [rule.pool for rule in rules]
    return FusionSpecification(
        spatial_weight=fmean(rule.spatial_weight for rule in rules),
        temperature=geometric_mean(rule.temperature for rule in rules),
        pool=max(sorted(set(pools)), key=pools.count),
        spatial_temperature=geometric_mean(rule.spatial_temperature for rule in rules),
        temporal_temperature=geometric_mean(rule.temporal_temperature for rule in rules),
        multi_label=rules[0].multi_label,
        reason=f"the mean of what {len(rules)} split{'' if len(rules) == 1 else 's'} chose, each on clips "
        "that it neither learnt from nor was tested on",
    )


def _unlike(records: Mapping[str, TrainingRecord], split: Path, data: Path) -> str | None:
    """In what the final model differs from the networks of a split, so that these do not speak for it."""
    content = str(read_preparation_record(data).get("content"))
    if any(record.content != content for record in records.values()):
        return "was trained on other clips than the splits"
    for stream, record in records.items():
        try:
            measured = read_record(split / stream)
        except TwostreamError:
            return f"has a {stream} stream, which the splits have not"
        if _options(record) != _options(measured):
            return "was trained with other options than the splits"
    return None


def _options(record: TrainingRecord) -> dict[str, Any]:
    return {name: value for name, value in record.options.items() if name not in NOT_COMPARED}
