"""The verb `explore`: what the tables say, as a report."""

from __future__ import annotations

import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from streamergraph.paths import path_or_none
from streamergraph.verbs.paths import InputPath, ReportPath, checks_paths

if TYPE_CHECKING:
    from streamergraph.reporting.health import Health
    from streamergraph.tables.facts import TableFacts


@checks_paths
def explore(
    tables: InputPath,
    *,
    out: ReportPath,
    log: InputPath | None = None,
    store: InputPath | None = None,
    timezone: str | None = None,
    first_day: str | None = None,
    last_day: str | None = None,
) -> dict[str, Any]:
    """Write OUT (HTML) and the same numbers beside it as JSON.

    Parameters
    ----------
    tables
        Folder of tables, ours or the published ones.
    out
        The report, such as explore.html.
    log
        A collector's log: adds what it says of each hour of the day.
    store
        The store of the observations: adds streams online and people in chats by hour of the day.
    timezone
        Zone of these hours, such as Europe/Rome. Default: that of the store's local times, else UTC.
    first_day
        First day of the window of observation (YYYY-MM-DD), for games released in it. Default: that of the
        log, else that of the observations which the tables are made of, else none.
    last_day
        Last day of that window, likewise.
    """
    from streamergraph.atomic import write_json
    from streamergraph.events import say
    from streamergraph.reporting import exploration as e
    from streamergraph.reporting.charts import across, bars, scatter
    from streamergraph.reporting.hours import hour_facts, hour_sections
    from streamergraph.reporting.page import ReportTable, Section, write_report
    from streamergraph.reporting.quality import facts_rows
    from streamergraph.tables.facts import how_made
    from streamergraph.tables.reading import read_tables

    tables, out, log = Path(tables), Path(out), path_or_none(log)
    read_health = _health(log, path_or_none(store), timezone)
    read = read_tables(tables)
    window = _window(first_day, last_day, read.facts, read_health if log is not None else None)
    live = e.summary_of(read.streamers["minutes_live"])
    chatters = e.summary_of(read.streamers["distinct_chatters"])
    played = e.minutes_by_category(read)
    years = e.games_by_year(read)
    released = e.released_between(read, *window) if window else None
    ends = e.oldest_and_newest(read)
    developers = e.top_developers(read)
    tags = e.tag_counts(read)
    weight = read.weight()
    thresholds = e.relations_by_threshold(read)
    main = e.main_streamers(read)
    facts: dict[str, Any] = {
        "minutes_live": live,
        "distinct_chatters": chatters,
        "minutes_by_category": dict(played.head(20).select("category", "minutes").iter_rows()),
        "games_by_year": years,
        "oldest_and_newest": [[name, day.isoformat()] for name, day in ends],
        "released_in_window": None if released is None else released["name"].to_list(),
        "developers": [list(row) for row in developers],
        "tags": tags,
        "relations_by_threshold": thresholds,
        "measure": read.facts.measure,
        "weight_is": weight.label,
        "tables": how_made(read.facts),
    }
    sections: list[Section] = []
    if read_health is not None:
        facts |= {"hours_are_of": read_health.clock, **hour_facts(read_health)}
        sections += hour_sections(read_health)
    sections += [
        Section(
            title="Time live and distinct chatters",
            sentences=[
                f"On average {live['mean'] / 60:.1f} hours live and {chatters['mean']:,.0f} distinct "
                f"chatters; half of the streamers have fewer than {chatters['50 %']:,.0f}."
            ],
            table=ReportTable(
                header=["", "minutes live", "distinct chatters"],
                rows=[
                    [
                        name,
                        *(
                            f"{facts_of[name]:,g}" if name == "count" else f"{facts_of[name]:,.2f}"
                            for facts_of in (live, chatters)
                        ),
                    ]
                    for name in live
                ],
                numbers=(1, 2),
            ),
        ),
        Section(
            title="Main streamers",
            sentences=["The size of a circle: mean viewers."],
            chart=scatter(
                [
                    (m["minutes_live"], m["distinct_chatters"], m["mean_viewers"], m["name"])
                    for m in main
                ],
                label="minutes live and distinct chatters of the main streamers",
                x_title="minutes live",
                y_title="distinct chatters",
                named=15,
            ),
        ),
        Section(
            title="Most streamed categories",
            sentences=["Hours, over all streamers."],
            chart=across(
                {name: minutes / 60 for name, minutes, _ in played.head(12).iter_rows()},
                label="hours by category",
                x_title="hours streamed",
            ),
        ),
        Section(
            title="Relations by threshold",
            sentences=[
                f"Pairs by {weight.label}: above each threshold; at the first one, "
                f"{next(iter(thresholds)):g}, at or above it.",
                how_made(read.facts),
            ],
            table=ReportTable(header=["made with", ""], rows=facts_rows(read.facts)),
            chart=bars(
                {str(t): n for t, n in thresholds.items()},
                label=f"relations by threshold of {weight.label}",
                x_title=f"threshold of {weight.label}",
                y_title="relations",
            ),
        ),
    ]
    if years:
        sections += [
            Section(
                title="Games by year of release",
                sentences=[
                    "Matched games only. "
                    + " ".join(
                        f"{word} {name} ({day.isoformat()})."
                        for word, (name, day) in zip(("Oldest:", "Newest:"), ends, strict=False)
                    )
                ],
                chart=bars(
                    {str(y): years.get(y) for y in range(min(years), max(years) + 1)},
                    label="games by year",
                    x_title="year of release",
                    y_title="games",
                    every=4,
                ),
            ),
            Section(
                title="Developers",
                sentences=["Forms of one company's name are counted together."],
                table=ReportTable(
                    header=["developer", "games", "under this form of the name"],
                    rows=developers,
                    numbers=(1, 2),
                ),
            ),
            Section(
                title="Tags",
                sentences=[f"{len(tags)} distinct Steam tags."],
                chart=across(
                    dict(list(tags.items())[:15]), label="categories by tag", x_title="categories"
                ),
            ),
        ]
    if window and released is not None and released.height:
        sections.append(
            Section(
                title=f"Games released from {window[0]} to {window[1]}",
                sentences=["While the streams were observed."],
                table=ReportTable(
                    header=["game", "released", "tags"],
                    rows=[[name, day.isoformat(), tag] for name, day, tag in released.iter_rows()],
                ),
            )
        )
    write_report(
        out,
        "What the tables say",
        f"{read.counted()}.",
        sections,
    )
    write_json(out.with_suffix(".json"), facts)
    say(f"report: {out}")
    return facts


def _health(log: Path | None, store: Path | None, timezone: str | None) -> Health | None:
    """The runs by a log or a store, whichever is given."""
    from streamergraph.errors import StreamergraphError
    from streamergraph.observations.reading import readable
    from streamergraph.observations.store import Store
    from streamergraph.reporting.collector_log import read_log
    from streamergraph.reporting.stored_runs import health_of_store, timezone_only_for_a_store

    if store is None:
        timezone_only_for_a_store(timezone)
        return read_log(log) if log is not None else None
    if log is not None:
        raise StreamergraphError(
            "--log",
            expected="one of --log and --store, whose hours are told",
            found="both",
            remedy="make a report of each",
        )
    with readable(Store.open(store)) as current:
        return health_of_store(current, timezone=timezone)


def _window(
    first_day: str | None, last_day: str | None, facts: TableFacts, log: Health | None
) -> tuple[datetime.date, datetime.date] | None:
    from streamergraph.errors import StreamergraphError

    if (first_day is None) != (last_day is None):
        raise StreamergraphError(
            "--first-day", expected="--last-day with it", found="one of them", remedy="give both"
        )
    if first_day is None or last_day is None:
        if log is not None:
            return log.runs[0].start.date(), log.runs[-1].start.date()
        if facts.first is None or facts.last is None:
            return None
        first_day, last_day = facts.first[:10], facts.last[:10]
    try:
        return datetime.date.fromisoformat(first_day), datetime.date.fromisoformat(last_day)
    except ValueError:
        raise StreamergraphError(
            "--first-day",
            expected="days as YYYY-MM-DD",
            found=f"{first_day}, {last_day}",
            remedy="write them so",
        ) from None
