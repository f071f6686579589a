"""From audiences to relations, in bounded memory.

Viewers are taken in parts and pairs of streamers in blocks. Every rule is applied to a block as it is
complete, so that what is held is a part, a block and the relations that are kept.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import duckdb
import numpy as np
import polars as pl
from numpy.typing import NDArray

from streamergraph.processing.audience_table import audiences_of_table, most_of_table
from streamergraph.processing.audiences import Audiences, AudienceTotals
from streamergraph.processing.measures import (
    chance_p_values,
    largest_significant,
    measure_pairs,
    strength,
)
from streamergraph.processing.memory import database_mib, limits_within
from streamergraph.processing.pair_order import in_order
from streamergraph.processing.shared_audience import (
    Limits,
    SharedAudience,
    shared_audience,
)

_NONE = np.empty(0)


@dataclass(frozen=True, kw_only=True)
class RelationRules:
    """When two streamers are related.

    `measure` is one of settings.MEASURES and `threshold` its least value: per cent, for `count` persons.
    `significance` is a false discovery rate. No pair with fewer than `least_common_viewers` is kept,
    whatever else is asked for: a relation by one or two persons would publish what they watch.
    `published_rounding` compares the overlap rounded to one decimal, as the published tables were made.
    """

    measure: str
    threshold: float
    significance: float | None = None
    least_common_viewers: int = 5
    published_rounding: bool = False

    def strong(self, shared: SharedAudience, audiences: AudienceTotals) -> NDArray[np.bool_]:
        """Which pairs reach the threshold. Nothing is rounded, but for `published_rounding`."""
        values = strength(self.measure, shared, audiences)
        if self.published_rounding and self.measure == "overlap":
            values = pl.Series(values).round(1).to_numpy()
        return values >= self.threshold


@dataclass(frozen=True, kw_only=True)
class Relations:
    """Relations, and what they were found among.

    `pairs`: a, b (positions, a < b), common_viewers, overlap_percent, jaccard, cosine, share_a,
    share_b, time_weighted and, with a significance, p_value; sorted by a and b, not rounded. `sizes`:
    the audience of each streamer, by which the measures divide. `counts` of pairs: possible,
    with_a_common_viewer, significant (if asked for), hidden_by_least_common_viewers (they pass every
    other rule), kept.
    """

    pairs: pl.DataFrame
    sizes: NDArray[np.int64]
    counts: dict[str, int]


def find_relations(
    connection: duckdb.DuckDBPyConnection,
    rules: RelationRules,
    *,
    n_streamers: int,
    memory_gib: float,
) -> Relations:
    """Relations between streamers 0 to `n_streamers` - 1 by their audiences.

    Reads `audience` (streamer INTEGER, viewer BIGINT, minutes INTEGER; unique by streamer and viewer), a
    table and no view, for it is gone through by numbers of rows. What is held beside the relations stays
    within a share of `memory_gib`; meanwhile DuckDB has another share. Raises OverflowError for a streamer
    with 2^28 viewers or 2^36 minutes watched.
    """
    with _database_within(connection, database_mib(memory_gib)) as threads:
        most = most_of_table(connection, n_streamers=n_streamers)
        limits = limits_within(memory_gib, most, threads=threads)
        with audiences_of_table(connection, most=most, limits=limits) as audiences:
            judged = _judged(audiences, rules, limits)
            totals = audiences.totals()
    del audiences  # what it holds is of use for what follows
    return settle(judged, rules, totals)


@dataclass(frozen=True, kw_only=True)
class Judged:
    """What the rules say of some pairs: how many there are, which may stay, how many are hidden.

    With a significance, the p-values up to its level: `low` of all pairs, `kept_low` of those that may
    stay, `hidden_low` of those that have too few common viewers.
    """

    pairs: int
    kept: SharedAudience
    hidden: int
    low: NDArray[np.float64]
    kept_low: NDArray[np.float64]
    hidden_low: NDArray[np.float64]


def judge(pairs: SharedAudience, rules: RelationRules, audiences: AudienceTotals) -> Judged:
    """Apply to some pairs every rule that needs no others."""
    strong = rules.strong(pairs, audiences)
    enough = pairs.common >= rules.least_common_viewers
    low, kept_low, hidden_low = _NONE, _NONE, _NONE
    if rules.significance is not None:
        p_values = chance_p_values(pairs, audiences)
        strong &= p_values <= rules.significance
        low = p_values[p_values <= rules.significance]
        kept_low, hidden_low = p_values[strong & enough], p_values[strong & ~enough]
    return Judged(
        pairs=len(pairs),
        kept=pairs.where(strong & enough),
        hidden=int(np.count_nonzero(strong & ~enough)),
        low=low,
        kept_low=kept_low,
        hidden_low=hidden_low,
    )


def relations_between(audiences: Audiences, rules: RelationRules, limits: Limits) -> Relations:
    """Relations by audiences from anywhere, holding no more than `limits` beside them.

    With a significance, pairs that are significant if all are wait for the largest p-value that is;
    the p-values up to the level are held meanwhile, 8 bytes each.
    """
    return settle(_judged(audiences, rules, limits), rules, audiences)


def _judged(audiences: Audiences, rules: RelationRules, limits: Limits) -> list[Judged]:
    return [judge(batch, rules, audiences) for batch in shared_audience(audiences, limits)]


def settle(judged: Iterable[Judged], rules: RelationRules, audiences: AudienceTotals) -> Relations:
    """Relations by what was said of all pairs, in any order."""
    counts = {
        "possible": audiences.n_streamers * (audiences.n_streamers - 1) // 2,
        "with_a_common_viewer": 0,
    }
    hidden = 0
    kept: list[SharedAudience] = []
    low, kept_low, hidden_low = [_NONE], [], [_NONE]
    for one in judged:
        counts["with_a_common_viewer"] += one.pairs
        hidden += one.hidden
        kept.append(one.kept)
        low.append(one.low)
        kept_low.append(one.kept_low)
        hidden_low.append(one.hidden_low)
    level = rules.significance
    if level is not None:
        every_low = np.concatenate(low)
        largest = largest_significant(every_low, level=level, tests=counts["possible"])
        counts["significant"] = int(np.count_nonzero(every_low <= largest))
        hidden = int(np.count_nonzero(np.concatenate(hidden_low) <= largest))
        kept = [one.where(low <= largest) for one, low in zip(kept, kept_low, strict=True)]
        kept_low = [one[one <= largest] for one in kept_low]
    found, p_values = in_order(kept, kept_low, audiences.n_streamers)
    pairs = measure_pairs(found, audiences)
    if level is not None:
        pairs = pairs.with_columns(pl.Series("p_value", p_values))
    counts["hidden_by_least_common_viewers"] = hidden
    counts["kept"] = pairs.height
    return Relations(pairs=pairs, sizes=audiences.sizes, counts=counts)


@contextmanager
def _database_within(connection: duckdb.DuckDBPyConnection, mib: int) -> Iterator[int]:
    """Let DuckDB hold so much and answer each thread that asks by that alone; yields how many it had."""
    row = connection.execute(
        "SELECT current_setting('memory_limit'), current_setting('threads')"
    ).fetchone()
    memory, threads = row or ("", 1)
    connection.execute(f"SET memory_limit = '{mib}MiB'")
    connection.execute("SET threads = 1")
    try:
        yield int(threads)
    finally:
        connection.execute(f"SET threads = {threads}")
        connection.execute(f"SET memory_limit = '{memory}'")
