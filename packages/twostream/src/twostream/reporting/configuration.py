"""Tables of how the run was made: training facts, options, software."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from twostream.reporting.facts import RunFacts
from twostream.reporting.rendering import duration


@dataclass(frozen=True)
class FactTable:
    """Rows of a name and one value a column; a missing value is empty text."""

    columns: tuple[str, ...]
    rows: tuple[tuple[str, tuple[str, ...]], ...]


def training_table(facts: RunFacts) -> FactTable:
    """What each stream was trained on, and for how long."""
    columns: dict[str, Mapping[str, Any]] = {}
    for stream, record in facts.records.items():
        columns[stream] = {
            "network": record.backbone,
            "initial weights": record.weights or "the backbone's default",
            "training clips": record.n_train,
            "validation clips": record.n_validation or "none",
            "epoch used": record.selected_epoch or "none: head alone",
            "training time": duration(record.duration_seconds),
            "trained on": " in ".join((record.compute or {}).values()) or "not recorded",
        }
    return fact_table(columns)


def options_table(facts: RunFacts) -> FactTable:
    """The options of ``config.yaml``, or of each training where the run was made step by step."""
    if facts.settings:
        return fact_table({"config.yaml": facts.settings})
    return fact_table({stream: record.options for stream, record in facts.records.items()})


def environment_table(facts: RunFacts) -> FactTable:
    """Versions at evaluation and at each training."""
    evaluation = facts.results.get("environment") or {}
    trainings = {f"{stream} training": r.environment for stream, r in facts.records.items()}
    return fact_table({"evaluation": evaluation, **trainings})


def fact_table(columns: Mapping[str, Mapping[str, Any]]) -> FactTable:
    """Mappings side by side, one row a key.

    >>> fact_table({"a": {"x": 1, "y": None}, "b": {"x": True}}).rows
    (('x', ('1', 'yes')), ('y', ('–', '')))
    """
    keys = dict.fromkeys(key for values in columns.values() for key in values)
    return FactTable(
        tuple(columns),
        tuple(
            (
                str(key),
                tuple(_text(values[key]) if key in values else "" for values in columns.values()),
            )
            for key in keys
        ),
    )


def _text(value: Any) -> str:
    if value is None:
        return "–"
    if isinstance(value, bool):
        return "yes" if value else "no"
    return str(value)
