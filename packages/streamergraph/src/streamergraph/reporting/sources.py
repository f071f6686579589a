"""What became of every source of a store, and what was not understood in it."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

import polars as pl

from streamergraph.observations.identity import folded
from streamergraph.observations.schema import BROKEN, CLOCK, DUPLICATE, MET, STORED
from streamergraph.observations.store import Store, counts_of
from streamergraph.reporting.health import Health
from streamergraph.reporting.page import ReportTable, Section
from streamergraph.reporting.runs import run_facts
from streamergraph.reporting.stored_runs import fates, general

FILES_SHOWN = 3
RENAMED = "streamers seen under several names"
FATES = (STORED, DUPLICATE, BROKEN, CLOCK)


def source_facts(store: Store, health: Health, *, names: bool = True) -> dict[str, Any]:
    """Numbers of the runs, looks by what became of them, and what was left out, with its files.

    Without `names` nothing is said of streamers, of whom the store then knows none.
    """
    runs = store.runs()
    of_series = fates(runs)
    facts = run_facts(health)
    losses = store.losses().select("file", "reason", "count")
    met = pl.col("reason").str.starts_with(MET)
    return {
        **facts,
        "series": [
            {**one, "looks": dict(of_series.get(one["series"], {}))} for one in facts["series"]
        ],
        "looks": counts_of(runs),
        **({RENAMED: renamed(store.channels())} if names else {}),
        "left out": _by_reason(
            runs.filter(~pl.col("status").is_in([STORED, DUPLICATE])).select(
                "file",
                pl.col("problem")
                .fill_null("unexplained")
                .map_elements(general, return_dtype=pl.String)
                .alias("reason"),
                pl.lit(1).alias("count"),
            )
        ),
        "not understood": _by_reason(losses.filter(~met)),
        "met while collecting": _by_reason(
            losses.filter(met).with_columns(pl.col("reason").str.strip_prefix(MET))
        ),
    }


def source_sections(facts: dict[str, Any], *, of: str = "") -> list[Section]:
    """Tables of the series, of looks that were left out, and of what was not understood."""
    sections = [
        Section(
            title=f"Sources{of}",
            sentences=[
                "A look is a snapshot file, a document or a window of a chat log. A duplicate tells "
                "nothing new; clock: looks of a moment that cannot be, or of none.",
                *(
                    [f"Streamers seen under several names: {facts[RENAMED]:,}."]
                    if RENAMED in facts
                    else []
                ),
            ],
            table=ReportTable(
                header=["series", "language", "minutes apart", "expected", *FATES],
                rows=[
                    [
                        one["series"],
                        one["language"],
                        f"{one['interval_minutes']:g}" if one["interval_minutes"] else "",
                        f"{one['expected']:,}",
                        *(f"{one['looks'].get(fate, 0):,}" for fate in FATES),
                    ]
                    for one in facts["series"]
                ],
                numbers=tuple(range(2, 4 + len(FATES))),
            ),
        )
    ]
    for key, title in (
        ("left out", "Looks that were left out"),
        ("not understood", "Not understood"),
        ("met while collecting", "Met while collecting"),
    ):
        if facts[key]:
            sections.append(
                Section(
                    title=f"{title}{of}",
                    table=ReportTable(
                        header=["reason", "how many", "in"],
                        rows=[
                            [one["reason"], f"{one['count']:,}", _named(one)] for one in facts[key]
                        ],
                        numbers=(1,),
                    ),
                )
            )
    return sections


def renamed(channels: pl.DataFrame) -> int:
    """Streamers that the platform's id shows under several names, whatever their case.

    Without such ids a streamer is known by the name alone, and a change of name is not seen.
    """
    names: dict[int, set[str]] = defaultdict(set)
    for number, login, name in channels.select("channel_id", "login", "name").iter_rows():
        if number >= 0 and (name or login):
            names[number].add(folded(name or login))
    return sum(len(several) > 1 for several in names.values())


def _by_reason(rows: pl.DataFrame) -> list[dict[str, Any]]:
    grouped = (
        rows.group_by("reason")
        .agg(
            pl.col("count").sum(),
            pl.col("file").n_unique().alias("n_files"),
            pl.col("file").unique().sort().head(FILES_SHOWN).alias("files"),
        )
        .sort("count", "reason", descending=[True, False])
    )
    return list(grouped.iter_rows(named=True))


def _named(entry: dict[str, Any]) -> str:
    more = entry["n_files"] - len(entry["files"])
    return ", ".join(entry["files"]) + (f" and {more} more" if more else "")
