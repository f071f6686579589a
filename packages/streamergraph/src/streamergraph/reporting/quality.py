"""Whether tables can be trusted: completeness, integrity, ranges, stability of ids."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl

from streamergraph.tables.facts import TableFacts
from streamergraph.tables.integrity import Finding, first_of, integrity_findings
from streamergraph.tables.tables import Tables
from streamergraph.tables.weights import WEIGHTS


@dataclass(frozen=True, kw_only=True)
class Completeness:
    """How many rows of a column hold a value."""

    table: str
    column: str
    known: int
    rows: int

    @property
    def percent(self) -> float:
        """Share of known values in per cent, one decimal."""
        return round(100 * self.known / self.rows, 1) if self.rows else 100.0


def completeness(tables: Tables) -> list[Completeness]:
    """Every column of the two node tables."""
    return [
        Completeness(
            table=name,
            column=column.name,
            known=column.len() - column.null_count(),
            rows=column.len(),
        )
        for name, frame in (("streamers", tables.streamers), ("categories", tables.categories))
        for column in frame
    ]


def range_findings(tables: Tables) -> list[Finding]:
    """Values that cannot be, or that contradict one another in a row."""
    streamers = tables.streamers
    rules = {
        "numbers are not negative": pl.any_horizontal(
            pl.col("minutes_live", "mean_viewers", "peak_viewers", "mean_chatters") < 0
        ),
        "the peak is at least the mean": pl.col("peak_viewers") < pl.col("mean_viewers"),
        "distinct chatters are at least the mean": pl.col("distinct_chatters")
        < pl.col("mean_chatters"),
    }
    findings = []
    for rule, broken in rules.items():
        rows = streamers.filter(broken)
        findings.append(
            Finding(table="streamers", rule=rule, broken=rows.height, example=first_of(rows))
        )
    percent = tables.overlaps.filter(pl.col("overlap_percent") > 100)
    findings.append(
        Finding(table="overlaps", rule="overlap is at most 100 %", broken=percent.height)
    )
    return findings


def all_findings(tables: Tables) -> list[Finding]:
    """Integrity and ranges."""
    return integrity_findings(tables) + range_findings(tables)


def short_of_thresholds(tables: Tables) -> dict[str, int]:
    """Streamers below each threshold that the tables state; empty where they state none.

    Columns hold whole numbers, cut off: a mean of 10 may have passed a threshold of 10.5.
    """
    stated = {
        ("minutes_live", "minutes live"): tables.facts.min_live_minutes,
        ("mean_viewers", "viewers on average"): tables.facts.min_mean_viewers,
        ("mean_chatters", "chatters on average"): tables.facts.min_mean_chatters,
    }
    below = {
        f"under {least:g} {said}": pl.col(column) + 1 <= least
        for (column, said), least in stated.items()
        if least is not None
    }
    if not below:
        return {}
    counts = {said: tables.streamers.filter(broken).height for said, broken in below.items()}
    passed = tables.streamers.filter(~pl.any_horizontal(*below.values())).height
    return {**counts, "streamers that pass all of them": passed}


def facts_rows(facts: TableFacts) -> list[tuple[str, Any]]:
    """How the tables were made, as rows of what and how; channels that were left out by name."""
    rows: list[tuple[str, Any]] = [
        ("measure", f"{WEIGHTS[facts.weight].label}, as by --measure {facts.measure}"),
        ("threshold", facts.threshold),
        ("false discovery rate", facts.significance),
        ("audience", facts.audience),
        ("least common viewers", facts.least_common_viewers),
        ("relations hidden by it", facts.hidden_relations if facts.least_common_viewers else None),
        ("least minutes live", facts.min_live_minutes),
        ("least mean viewers", facts.min_mean_viewers),
        ("least mean chatters", facts.min_mean_chatters),
        ("least minutes of a category", facts.min_game_minutes),
        ("least minutes watched", facts.min_watch_minutes),
        ("first observation (UTC)", facts.first),
        ("last observation (UTC)", facts.last),
        ("language", facts.language),
        ("channels without this audience", ", ".join(facts.left_out) or None),
    ]
    return [
        (what, f"{value:g}" if isinstance(value, float) else value)
        for what, value in rows
        if value is not None
    ]


def viewer_chatter_agreement(tables: Tables) -> dict[str, float]:
    """Chatters for each viewer, over streamers with viewers: quartiles; and how many have more."""
    ratio = (
        tables.streamers.filter(pl.col("mean_viewers") > 0)
        .select(pl.col("mean_chatters") / pl.col("mean_viewers"))
        .to_series()
    )
    if not ratio.len():
        return {}
    return {
        **{
            f"{q} %": round(float(ratio.quantile(q / 100, interpolation="linear") or 0), 3)
            for q in (25, 50, 75)
        },
        "streamers with more chatters than viewers": int((ratio > 1).sum()),
    }


def id_stability(now: Tables, before: Tables) -> dict[str, int]:
    """Streamers and categories of both tables, and how many kept their id."""
    facts = {}
    for name, key in (("streamers", "streamer_id"), ("categories", "category_id")):
        old: pl.DataFrame = getattr(before, name).select("name", pl.col(key).alias("old"))
        new: pl.DataFrame = getattr(now, name).select("name", pl.col(key).alias("new"))
        both = old.unique("name").join(new.unique("name"), on="name")
        facts[f"{name} in both"] = both.height
        facts[f"{name} with another id"] = both.filter(pl.col("old") != pl.col("new")).height
    return facts


def processing_summary(folder: Path) -> dict[str, Any]:
    """What `process` left out, if these tables are its work; else empty."""
    try:
        summary: dict[str, Any] = json.loads((folder / "process.json").read_bytes())
    except (OSError, ValueError):
        return {}
    return summary


# What was asked for and chosen, and the time that was looked at.
NO_COUNTS = ("settings", "window", "audience")


def left_out(summary: dict[str, Any]) -> list[tuple[str, str, Any]]:
    """What `process` left out as rows: step, what, how many.

    >>> left_out({"settings": {}, "bots_removed": {"list": {"accounts": 2}}, "pairs": {"kept": 1}})
    [('bots removed', 'list: accounts', 2), ('pairs', 'kept', 1)]
    """
    return [
        (step.replace("_", " "), said, number)
        for step, entry in summary.items()
        if step not in NO_COUNTS
        for said, number in _counts(entry)
    ]


def _counts(entry: Any, *names: str) -> Iterator[tuple[str, float]]:
    """Every number of nested objects, under the names on the way to it; of a list its length."""
    if isinstance(entry, dict):
        for name, value in entry.items():
            yield from _counts(value, *names, name.replace("_", " "))
    elif isinstance(entry, list):
        yield ": ".join(names), len(entry)
    elif isinstance(entry, int | float):
        yield ": ".join(names), entry


def bot_share(summary: dict[str, Any]) -> dict[str, float]:
    """Presences of bots in per cent of all presences, by rule; empty where it is not known."""
    sampled = summary.get("sampled", {})
    unit = "minutes" if "minutes_watched" in sampled else "presences"  # before: in the samples
    presences = sampled.get("minutes_watched", sampled.get("presences"))
    if not presences:
        return {}
    removed: dict[str, dict[str, int]] = summary.get("bots_removed", {})
    return {rule: round(100 * counts[unit] / presences, 2) for rule, counts in removed.items()}
