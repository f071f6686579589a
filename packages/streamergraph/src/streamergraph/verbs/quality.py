"""The verb `quality`: whether the tables can be trusted, as a report."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from streamergraph.paths import path_or_none
from streamergraph.verbs.paths import InputPath, ReportPath, checks_paths
from streamergraph.verbs.shared_options import WORK, helped_by


@helped_by(WORK)
@checks_paths
def quality(
    tables: InputPath,
    *,
    out: ReportPath,
    log: InputPath | None = None,
    store: InputPath | None = None,
    timezone: str | None = None,
    previous: InputPath | None = None,
    interval_minutes: int = 5,
    memory_gib: float = 3.0,
    spill: InputPath | None = None,
) -> dict[str, Any]:
    """Write OUT (HTML) and the same numbers beside it as JSON.

    Parameters
    ----------
    tables
        Folder of tables, ours or the published ones; contradictions are reported, not refused.
    out
        The report, such as quality.html.
    log
        A collector's log: adds runs, durations and holes.
    store
        The store of the observations: adds the same of its own runs, what became of every source, and
        what the other kind of audience would give for channels that have both.
    timezone
        Zone of the times of the store's runs. Default: that of its local times, else UTC.
    previous
        Tables of another date or run: adds whether ids stayed.
    interval_minutes
        Minutes between two runs of the log as planned.
    memory_gib
        Memory for the comparison of both kinds of audience.
    """
    from dataclasses import asdict

    from streamergraph.atomic import write_json
    from streamergraph.events import say
    from streamergraph.observations.reading import readable
    from streamergraph.observations.store import Store
    from streamergraph.reporting import quality as q
    from streamergraph.reporting.charts import across
    from streamergraph.reporting.collector_log import read_log
    from streamergraph.reporting.kinds import kinds_section
    from streamergraph.reporting.other_kind import compare_kinds, settings_of
    from streamergraph.reporting.page import ReportTable, Section, write_report
    from streamergraph.reporting.runs import run_facts, run_sections
    from streamergraph.reporting.sources import source_facts, source_sections
    from streamergraph.reporting.stored_runs import health_of_store, timezone_only_for_a_store
    from streamergraph.tables.facts import how_made
    from streamergraph.tables.reading import read_tables

    tables, out, log = Path(tables), Path(out), path_or_none(log)
    store, previous, spill = (path_or_none(path) for path in (store, previous, spill))
    read = read_tables(tables, check=False)
    findings = q.all_findings(read)
    broken = [finding for finding in findings if finding.broken]
    complete = q.completeness(read)
    unknown = [f"{c.table}.{c.column}" for c in complete if not c.known and c.rows]
    thresholds = q.short_of_thresholds(read)
    agreement = q.viewer_chatter_agreement(read)
    facts: dict[str, Any] = {
        "tables": how_made(read.facts),
        "facts": asdict(read.facts),
        "rules": {f"{f.table}: {f.rule}": f.broken for f in findings},
        "completeness_percent": {f"{c.table}.{c.column}": c.percent for c in complete},
        "stated_thresholds": thresholds,
        "chatters_per_viewer": agreement,
    }
    sections = [
        Section(
            title="Rules",
            sentences=[f"{len(findings) - len(broken)} of {len(findings)} rules hold."],
            warnings=[f"{f.table}: {f.rule}: {f.broken} rows do not" for f in broken],
            table=ReportTable(
                header=["table", "rule", "rows that break it", "first of them"],
                rows=[[f.table, f.rule, f.broken, f.example] for f in findings],
                numbers=(2,),
            ),
        ),
        Section(
            title="How the tables were made",
            sentences=[how_made(read.facts)],
            table=ReportTable(header=["", ""], rows=q.facts_rows(read.facts)),
        ),
        Section(
            title="Completeness of attributes",
            chart=across(
                {f"{c.table}.{c.column}": c.percent for c in complete if c.percent < 100},
                label="known values of incomplete columns, in per cent",
                x_title="known values (%)",
                whole=100,
            )
            if any(0 < c.percent < 100 for c in complete)
            else None,
            sentences=[f"Nothing is known yet of {', '.join(unknown)}."] if unknown else [],
            table=ReportTable(
                header=["column", "known", "of", "%"],
                rows=[[f"{c.table}.{c.column}", c.known, c.rows, c.percent] for c in complete],
                numbers=(1, 2, 3),
            ),
        ),
        Section(
            title="Stated thresholds",
            sentences=["Streamers below what the tables say that each of them reaches."]
            if thresholds
            else ["The tables do not say which thresholds their streamers had to pass."],
            table=ReportTable(header=["", "streamers"], rows=list(thresholds.items()), numbers=(1,))
            if thresholds
            else None,
        ),
        Section(
            title="Chatters for each viewer",
            sentences=["Viewers without an account or with the chat closed are no chatters."],
            table=ReportTable(header=["", ""], rows=list(agreement.items()), numbers=(1,)),
        ),
    ]
    summary = q.processing_summary(tables)
    if summary:
        facts["processing"] = {k: v for k, v in summary.items() if k != "settings"}
        facts["bot_percent_of_presences"] = shares = q.bot_share(summary)
        sections.append(
            Section(
                title="Left out on the way",
                sentences=[
                    f"Bots by {rule}: {share} % of all the time that was watched."
                    for rule, share in shares.items()
                ],
                table=ReportTable(
                    header=["step", "what", "how many"], rows=q.left_out(summary), numbers=(2,)
                ),
            )
        )
    if previous is not None:
        facts["ids"] = q.id_stability(read, read_tables(previous, check=False))
        sections.append(
            Section(
                title="Stability of ids",
                table=ReportTable(header=["", ""], rows=list(facts["ids"].items()), numbers=(1,)),
            )
        )
    if store is None:
        timezone_only_for_a_store(timezone)
    both = store is not None and log is not None
    if store is not None:
        with readable(Store.open(store)) as current:
            runs = health_of_store(current, timezone=timezone)
            facts["sources"] = source_facts(current, runs)
            compared = compare_kinds(
                current, read, settings_of(read, summary), memory_gib=memory_gib, spill=spill
            )
        facts["other_kind"] = asdict(compared)
        of = ", by the store" if both else ""
        sections += [*run_sections(runs, of=of), *source_sections(facts["sources"], of=of)]
        sections.append(kinds_section(compared, read.facts))
    if log is not None:
        health = read_log(log, interval_minutes=interval_minutes)
        facts["collector"] = run_facts(health)
        sections += run_sections(health, of=", by its log" if both else "")
    write_report(
        out,
        "Whether the tables can be trusted",
        "Everything holds."
        if not broken
        else f"{len(broken)} of {len(findings)} rules {'does' if len(broken) == 1 else 'do'} not hold.",
        sections,
    )
    write_json(out.with_suffix(".json"), facts)
    say(f"report: {out} ({len(broken)} of {len(findings)} rules broken)")
    return facts
