"""RUN/report.html: one self-contained page, with its pictures as files in RUN/report/."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from markupsafe import Markup

from twostream.atomic import write_text
from twostream.datasets.hmdb51_actions import LEAST_CLIPS_A_CLASS, TESTED_CLIPS_A_CLASS
from twostream.errors import TwostreamError
from twostream.evaluation.accuracy_in_float32 import computed_text
from twostream.evaluation.analysis_files import are_analyses_current, write_analyses
from twostream.evaluation.metrics import confusion_matrix
from twostream.evaluation.per_class import APPEARANCE
from twostream.evaluation.sample_size import FEW_OF_A_CLASS, pale_bars, why_no_calibration
from twostream.evaluation.split_results import overall
from twostream.prediction.threshold import threshold_sentence
from twostream.reporting import PAGE_NAME, palette, splits, summary, tested_pages
from twostream.reporting.configuration import environment_table, options_table, training_table
from twostream.reporting.explained_clips import FOLDER_NAME as EXPLAINED
from twostream.reporting.explained_clips import explain_clips, explained_clips
from twostream.reporting.facts import RunFacts, read_facts
from twostream.reporting.gallery import choose_clips
from twostream.reporting.label_page import (
    MEASURE_NAMES,
    by_protocol,
    draw_labels,
    label_content,
    split_content,
)
from twostream.reporting.published import OFFICIAL_TEST_CLIPS, published_for
from twostream.reporting.rendering import environment, style
from twostream.reporting.svg import Picture
from twostream.reporting.svg_calibration import calibration_picture
from twostream.reporting.svg_confusion import confusion_picture
from twostream.reporting.svg_curves import curves_of
from twostream.reporting.svg_gain import GainRow, gain_picture
from twostream.reporting.svg_per_class import per_class_picture, per_tag_picture
from twostream.reporting.svg_results import results_picture
from twostream.reporting.svg_wheel import wheel_picture
from twostream.reporting.tables import (
    class_rows,
    marks_sentence,
    motion_series,
    pairings,
    result_rows,
    told_protocols,
)
from twostream.reporting.tested_pages import timelines_content
from twostream.reporting.thumbnails import ClipShelf
from twostream.reporting.timeline_page import embedded

FOLDER_NAME = "report"
PAIRS_SHOWN = 12


def write_report(run: Path, *, explain: bool = False) -> Path:
    """Write ``RUN/report.html`` and ``RUN/report/`` for an evaluated run; returns the page's path.

    With `explain` where the networks looked in the clips that it shows is found out first, and kept in
    ``RUN/explained/``: later reports show it too.

    The page needs nothing but itself: pictures are inline, and it is readable without JavaScript.
    Clips that are no longer where they were prepared are told, not required. A run of several splits
    gets a page about their mean. Raises TwostreamError for a run that was not evaluated.
    """
    combined = splits.read_split_results(run)
    if combined is not None and explain:
        raise TwostreamError(
            "--explain",
            expected="a run of one split, whose report shows clips",
            found=f"one of splits {', '.join(combined['splits'])}",
            remedy=f"name one of them, such as {run / 'split'}{next(iter(combined['splits']))}",
        )
    if combined is not None:
        return _write_split_report(run, combined)
    facts = read_facts(run)
    if facts.multi_label:
        pictures = draw_labels(facts)
        _write_pictures(run, pictures)
        return _write_page(run, "label_report.html", label_content(facts, pictures, _data(facts)))
    if not are_analyses_current(run):
        write_analyses(run, facts.analyses)
    if explain:
        explain_clips(
            run,
            [clip for group in choose_clips(facts) for clip in group.clips],
            stored=ClipShelf(_data(facts)).paths,
            trainings=facts.results["trainings"],
        )
    pictures = draw(facts)
    timelines = timelines_content(run, facts.results)
    found = {one.name: one for one in timelines["pictures"]} if timelines else {}
    _write_pictures(run, {**pictures, **found})
    told = {**content(facts, pictures), "timelines": timelines}
    return _write_page(run, "report.html", told)


def _write_split_report(run: Path, combined: dict[str, Any]) -> Path:
    if overall(combined).get("multi_label"):
        told = split_content(combined)
        rows_of_all = [row for rows in told["results"].values() for row in rows]
        picture = results_picture(rows_of_all, measures=MEASURE_NAMES)
        _write_pictures(run, {picture.name: picture})
        return _write_page(run, "label_splits.html", {**told, "pictures": {"results": picture}})
    rows = splits.split_rows(combined)
    shown = overall(combined)
    together = splits.together(run, combined, lead=splits.lead_row(rows).overall)
    drawn = [results_picture([row.overall for row in rows]), *_pictures_of_all_clips(together)]
    pictures = {picture.name: picture for picture in drawn}
    _write_pictures(run, pictures)
    told = {
        "results": shown,
        "headline": splits.headline(combined, rows),
        "guessing": summary.guessing(len(shown["classes"])),
        "marks": marks_sentence([row.overall for row in rows]),
        "rows": {p: [r for r in rows if r.overall.protocol == p] for p in _protocols(rows)},
        "meanings": summary.PROTOCOL_MEANINGS,
        "gains": {
            protocol: found
            for protocol, found in shown.get("fusion_minus_best_stream", {}).items()
            if found
        },
        "pooled": combined.get("pooled"),
        "timelines": tested_pages.pooled_content((combined.get("pooled") or {}).get("timelines")),
        "together": together,
        "final": combined.get("final"),
        "splits": combined["splits"],
        "engines": {split: computed_text(one) for split, one in combined["splits"].items()},
        "fusion_rules": {
            split: summary.fusion_rules(one) for split, one in combined["splits"].items()
        },
        "pages": {
            split: f"split{split}/{PAGE_NAME}"
            for split in combined["splits"]
            if (run / f"split{split}" / PAGE_NAME).is_file()
        },
        "pictures": pictures,
        # Splits of one's own are not those that others were measured on.
        "published": () if "pooled" in combined else published_for(combined["mean"]),
        "official_test_clips": OFFICIAL_TEST_CLIPS,
    }
    return _write_page(run, "splits.html", told)


def _pictures_of_all_clips(together: splits.Together | None) -> list[Picture]:
    if together is None:
        return []
    lead = together.analysis.scores[together.lead]
    tags = together.analysis.tags
    return [
        per_class_picture(together.classes, together.main),
        *([per_tag_picture(tags, together.main)] if tags else []),
        confusion_picture(
            confusion_matrix(lead.values, lead.labels),
            lead.classes,
            subject=f"{together.lead}, {together.protocol}",
        ),
    ]


def _protocols(rows: list[splits.SplitRow]) -> list[str]:
    return list(dict.fromkeys(row.overall.protocol for row in rows))


def _write_page(run: Path, template: str, told: Mapping[str, Any]) -> Path:
    page = run / PAGE_NAME
    made = environment().get_template(template).render(css=Markup(style()), **told)
    write_text(page, made)
    return page


def _write_pictures(run: Path, pictures: Mapping[str, Picture]) -> None:
    """Write every picture; what an earlier report left in the folder is removed."""
    folder = run / FOLDER_NAME
    if folder.is_dir():
        shutil.rmtree(folder)
    for picture in pictures.values():
        write_text(folder / f"{picture.name}.svg", picture.standalone(), durable=False)


def draw(facts: RunFacts) -> dict[str, Picture]:
    """Every picture of the report, by name."""
    lead = facts.shown[facts.lead]
    analysis = facts.analysis
    drawn = [
        results_picture(result_rows(told_protocols(facts))),
        confusion_picture(
            confusion_matrix(lead.values, lead.labels),
            facts.classes,
            subject=f"{facts.lead}, {facts.primary}",
        ),
        per_class_picture(class_rows(facts), facts.main),
        wheel_picture(),
    ]
    if series := motion_series(facts.streams, facts.lead):
        drawn.append(_motion_picture(facts, series))
    if analysis.tags:
        drawn.append(per_tag_picture(analysis.tags, facts.main))
    calibrations = {s: found for s, found in analysis.calibrations.items() if s in facts.main}
    if calibrations and why_no_calibration(facts.n_test) is None:
        drawn.append(calibration_picture(calibrations))
    drawn += curves_of(facts)
    return {picture.name: picture for picture in drawn}


def _motion_picture(facts: RunFacts, series: list[str]) -> Picture:
    def told(top1: Mapping[str, float], clips: int) -> str:
        shares = ", ".join(f"{s} {100 * top1[s]:.1f} %" for s in [APPEARANCE, *series])
        return f"{shares} of {clips} test clip{'' if clips == 1 else 's'}"

    rows = [
        GainRow(
            name=row.name,
            told=told(row.top1, row.clips),
            gains={f"{stream} − {APPEARANCE}": row.gain[stream] for stream in series},
            few_clips=row.clips < FEW_OF_A_CLASS,
        )
        for row in class_rows(facts)
    ]
    return gain_picture(
        rows,
        {f"{stream} − {APPEARANCE}": palette.kind(stream) for stream in series},
        name="motion_gain",
        title="What motion adds to appearance, class by class",
        axis="points of top-1 above the spatial stream",
    )


def content(facts: RunFacts, pictures: dict[str, Picture]) -> dict[str, Any]:
    """What the templates are given."""
    shelf = ClipShelf(_data(facts))
    pairs = facts.analysis.confusions[facts.lead]
    groups = choose_clips(facts)
    return {
        "facts": facts,
        "final": facts.results.get("final"),
        "analysis": facts.analysis,
        "tables": f"analysis/{facts.primary}",
        "not_calibrated": why_no_calibration(facts.n_test),
        "pictures": pictures,
        "headline": summary.headline(facts),
        "comparison": summary.comparison(facts),
        "meanings": summary.PROTOCOL_MEANINGS,
        "guessing": summary.guessing(len(facts.classes)),
        "results": by_protocol(result_rows(told_protocols(facts))),
        "marks": marks_sentence(result_rows(told_protocols(facts))),
        "pairings": pairings(facts),
        "engines": computed_text(facts.results),
        "original": facts.results.get("original"),
        "published": published_for(facts.results),
        "official_test_clips": OFFICIAL_TEST_CLIPS,
        "class_rows": class_rows(facts),
        "pale_bars": pale_bars(row.clips for row in class_rows(facts)),
        "least_clips": LEAST_CLIPS_A_CLASS,
        "few_tested": sum(row.clips < TESTED_CLIPS_A_CLASS for row in facts.analysis.classes),
        "pairs": pairs[:PAIRS_SHOWN],
        "n_pairs": len(pairs),
        "groups": groups,
        "strips": {
            clip.clip_id: shelf.filmstrip(clip.clip_id) for group in groups for clip in group.clips
        },
        "absence": shelf.absence,
        "looks": {
            clip_id: [(one, embedded(facts.run / EXPLAINED / one.file)) for one in looks]
            for clip_id, looks in explained_clips(
                facts.run, trainings=facts.results.get("trainings") or {}
            ).items()
        },
        "selection": facts.results.get("selection") or {},
        "fusion_rules": summary.fusion_rules(facts.results),
        "threshold": threshold_sentence(facts.run),
        "training": training_table(facts),
        "options": options_table(facts),
        "environments": environment_table(facts),
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
