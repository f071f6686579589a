"""RUN/report.html: one self-contained page, with its tables and pictures as files in RUN/report/."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from markupsafe import Markup

from twostream.atomic import write_text
from twostream.evaluation.metrics import confusion_matrix
from twostream.reporting import palette, summary
from twostream.reporting.configuration import environment_table, options_table, training_table
from twostream.reporting.facts import RunFacts, read_facts
from twostream.reporting.gallery import choose_clips
from twostream.reporting.measures import confused_pairs
from twostream.reporting.rendering import environment
from twostream.reporting.svg import Picture
from twostream.reporting.svg_confusion import confusion_picture
from twostream.reporting.svg_curves import curves_picture
from twostream.reporting.svg_per_class import per_class_picture
from twostream.reporting.svg_results import results_picture
from twostream.reporting.svg_wheel import wheel_picture
from twostream.reporting.tables import ResultRow, class_rows, result_rows, write_tables
from twostream.reporting.thumbnails import ClipShelf

PAGE_NAME = "report.html"
FOLDER_NAME = "report"
PAIRS_SHOWN = 12


def write_report(run: Path) -> Path:
    """Write ``RUN/report.html`` and ``RUN/report/`` for an evaluated run; returns the page's path.

    The page needs nothing but itself: pictures are inline, and it is readable without JavaScript.
    Clips that are no longer where they were prepared are told, not required. Raises TwostreamError
    for a run that was not evaluated.
    """
    facts = read_facts(run)
    pictures = draw(facts)
    folder = run / FOLDER_NAME
    write_tables(folder, facts)
    for picture in pictures.values():
        write_text(folder / f"{picture.name}.svg", picture.standalone())
    for stream in ("spatial", "temporal"):
        if f"curves_{stream}" not in pictures:
            # Left by an earlier report of this run, with streams that it no longer has.
            (folder / f"curves_{stream}.svg").unlink(missing_ok=True)
    page = run / PAGE_NAME
    write_text(page, environment().get_template("report.html").render(content(facts, pictures)))
    return page


def draw(facts: RunFacts) -> dict[str, Picture]:
    """Every picture of the report, by name."""
    lead = facts.shown[facts.lead]
    drawn = [
        results_picture(facts.results["protocols"], n_test=facts.n_test),
        confusion_picture(
            confusion_matrix(lead.values, lead.labels),
            facts.classes,
            subject=f"{facts.lead}, {facts.primary}",
        ),
        per_class_picture(class_rows(facts), facts.streams),
        wheel_picture(),
    ]
    for stream, history in facts.histories.items():
        if history:
            record = facts.records.get(stream)
            epoch = record.selected_epoch if record else None
            drawn.append(curves_picture(stream, history, selected_epoch=epoch))
    return {picture.name: picture for picture in drawn}


def content(facts: RunFacts, pictures: dict[str, Picture]) -> dict[str, Any]:
    """What the templates are given."""
    shelf = ClipShelf(_data(facts))
    pairs = confused_pairs(facts.shown[facts.lead])
    groups = choose_clips(facts)
    return {
        "css": Markup(style()),
        "facts": facts,
        "pictures": pictures,
        "headline": summary.headline(facts),
        "comparison": summary.comparison(facts),
        "meanings": summary.PROTOCOL_MEANINGS,
        "guessing": summary.guessing(facts),
        "results": _by_protocol(result_rows(facts)),
        "class_rows": class_rows(facts),
        "pairs": pairs[:PAIRS_SHOWN],
        "n_pairs": len(pairs),
        "groups": groups,
        "strips": {
            clip.clip_id: shelf.filmstrip(clip.clip_id) for group in groups for clip in group.clips
        },
        "absence": shelf.absence,
        "selection": facts.results.get("selection") or {},
        "fusion_text": summary.fusion_rule(facts),
        "training": training_table(facts),
        "options": options_table(facts),
        "environments": environment_table(facts),
    }


def _by_protocol(rows: list[ResultRow]) -> dict[str, list[ResultRow]]:
    return {
        protocol: [row for row in rows if row.protocol == protocol]
        for protocol in dict.fromkeys(row.protocol for row in rows)
    }


def _data(facts: RunFacts) -> Path | None:
    scored = Path(str(facts.results.get("data") or ""))
    if facts.results.get("data") and scored.is_dir():
        return scored
    inside = facts.run / "data"
    if inside.is_dir():
        return inside
    recorded = [Path(record.data) for record in facts.records.values()]
    return recorded[0] if recorded else None


def style() -> str:
    """The style sheet of a page, with the rules of its pictures."""
    source, _, _ = environment().loader.get_source(environment(), "report.css")  # type: ignore[union-attr]
    return (
        f":root {{ color-scheme: light dark; {palette.variables(palette.LIGHT)} }}\n"
        "@media screen and (prefers-color-scheme: dark) {\n"
        f":root {{ {palette.variables(palette.DARK)} }}\n}}\n{palette.PICTURE_RULES}\n{source}"
    )
