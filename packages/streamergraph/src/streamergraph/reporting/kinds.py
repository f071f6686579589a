"""Members and authors side by side, as a section of a report."""

from __future__ import annotations

from typing import Any

from streamergraph.observations.schema import AUTHORS, MEMBERS
from streamergraph.reporting.other_kind import KindsCompared
from streamergraph.reporting.page import ReportTable, Section
from streamergraph.tables.facts import AUDIENCES, TableFacts
from streamergraph.tables.weights import WEIGHTS


def kinds_section(compared: KindsCompared, facts: TableFacts) -> Section:
    """What tables of the other kind would say, or one sentence why that is not known."""
    title = "The other kind of audience"
    if not compared.channels:
        had = " and ".join(
            f"{number:,} {AUDIENCES[kind]}" for kind, number in compared.with_kind.items() if number
        )
        return Section(
            title=title,
            sentences=[
                "No streamer of the tables has members and authors at the same time"
                f"{f' ({had} only)' if had else ''}, so that nothing can be compared."
            ],
        )
    share, correlation = compared.share_who_wrote, compared.rank_correlation
    label = WEIGHTS[facts.weight].label
    used = AUDIENCES.get(facts.audience or "", "of a kind that they do not say")
    rows: list[tuple[str, Any, Any]] = [
        ("distinct people", *_both(compared.people)),
        ("relations", *_both(compared.relations)),
        ("relations by the other kind too", f"{compared.in_both:,}", f"{compared.in_both:,}"),
    ]
    return Section(
        title=title,
        sentences=[
            f"{compared.channels:,} streamers have both; counted is the time in which both are known, "
            f"with the thresholds of these tables, whose audiences are {used}. Bots are left out by "
            "behaviour alone, so that numbers may differ from those of the tables.",
            "Nobody is known to be in these chats."
            if share is None
            else f"Of a channel's members, {share:.1f} % wrote, on average over channels.",
            f"There are too few relations by both kinds to compare their order by {label}."
            if correlation is None
            else f"The order of the relations by both kinds, by {label}, has a rank correlation "
            f"(Spearman) of {correlation:.2f}.",
        ],
        table=ReportTable(header=["", "by members", "by authors"], rows=rows, numbers=(1, 2)),
    )


def _both(numbers: dict[str, int]) -> tuple[str, str]:
    return f"{numbers[MEMBERS]:,}", f"{numbers[AUTHORS]:,}"
