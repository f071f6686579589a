"""What the report of a run with several labels at once is given."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from twostream.evaluation.accuracy_in_float32 import computed_text
from twostream.evaluation.label_measures import LABEL_MEASURES, Thresholds
from twostream.evaluation.paired import lead_of, spoken_first
from twostream.evaluation.sample_size import cautions_of
from twostream.evaluation.split_results import overall
from twostream.reporting import summary
from twostream.reporting.configuration import environment_table, options_table, training_table
from twostream.reporting.facts import RunFacts
from twostream.reporting.label_gallery import choose_label_clips
from twostream.reporting.svg import Picture
from twostream.reporting.svg_curves import curves_of
from twostream.reporting.svg_per_class import MarkRow, marks_picture
from twostream.reporting.svg_results import results_picture
from twostream.reporting.svg_wheel import wheel_picture
from twostream.reporting.tables import ResultRow, marks_sentence, result_rows
from twostream.reporting.thumbnails import ClipShelf

MEASURE_NAMES = {"map": "mAP", "f1_macro": "F1, macro", "f1_micro": "F1, micro"}


def draw_labels(facts: RunFacts) -> dict[str, Picture]:
    """Every picture of the report, by name."""
    by_label = facts.results["labels"][facts.primary]
    rows = [
        MarkRow(
            name=one["label"],
            clips=one["clips"],
            top1={stream: by_label[stream][k]["average_precision"] for stream in facts.main},
        )
        for k, one in enumerate(by_label[facts.lead])
        if one["average_precision"] is not None
    ]
    rows.sort(key=lambda row: -row.top1[facts.lead])
    drawn = [
        results_picture(_rows(facts.results["protocols"]), measures=MEASURE_NAMES),
        marks_picture(
            rows,
            facts.main,
            name="per_label",
            title="Average precision of each label",
            description="Average precision in per cent, one row a label, sorted.",
            measure="average precision",
        ),
        wheel_picture(),
    ]
    drawn += curves_of(facts)
    return {picture.name: picture for picture in drawn}


def label_content(
    facts: RunFacts, pictures: Mapping[str, Picture], data: Path | None
) -> dict[str, Any]:
    """What the template is given about one split."""
    results = facts.results
    by_label = results["labels"][facts.primary]
    thresholds: dict[str, Thresholds] = {
        stream: np.asarray([one["threshold"] for one in found], np.float64)
        for stream, found in by_label.items()
    }
    shelf = ClipShelf(data)
    groups = choose_label_clips(facts, thresholds)
    return {
        "facts": facts,
        "final": results.get("final"),
        "tables": f"analysis/{facts.primary}",
        "pictures": pictures,
        "headline": headline(results, facts.primary, facts.lead),
        "measures": MEASURE_NAMES,
        "meanings": summary.PROTOCOL_MEANINGS,
        "results": by_protocol(_rows(results["protocols"])),
        "marks": marks_sentence(_rows(results["protocols"])),
        "chance": results["chance_map"],
        "left_out": results["left_out"],
        "engines": computed_text(results),
        "by_label": sorted(
            by_label[facts.lead], key=lambda one: -(one["average_precision"] or -1.0)
        ),
        "groups": groups,
        "looks": {},
        "strips": {
            clip.clip_id: shelf.filmstrip(clip.clip_id) for group in groups for clip in group.clips
        },
        "absence": shelf.absence,
        "selection": results.get("selection") or {},
        "fusion_rules": summary.fusion_rules(results),
        "thresholds": results["thresholds"],
        "threshold": None,
        "training": training_table(facts),
        "options": options_table(facts),
        "environments": environment_table(facts),
    }


def headline(results: Mapping[str, Any], protocol: str, lead: str) -> str:
    """How well labels are found, what scores that say nothing would reach, and what cannot be told."""
    values = results["protocols"][protocol][lead]
    who = spoken_first(lead)
    told = [
        f"{who} ranks the clips of a label with a mean average precision of {100 * values['map']:.1f} % "
        f"({protocol}); scores that say nothing reach {100 * results['chance_map']:.1f} %. By its "
        f"thresholds F1 is {100 * values['f1_macro']:.1f} %, the mean over labels, and "
        f"{100 * values['f1_micro']:.1f} % over all decisions."
    ]
    told += [f"{text[0].upper()}{text[1:]}." for text in cautions_of(results)]
    return " ".join(told)


def split_content(combined: Mapping[str, Any]) -> dict[str, Any]:
    """What the template of several splits is given: the means, and mAP of every split."""
    mean = overall(combined)
    rows = _rows(mean["protocols"])
    protocol = "whole-video" if "whole-video" in mean["protocols"] else rows[0].protocol
    lead = lead_of([row.stream for row in rows if row.protocol == protocol])
    spread = combined["standard_deviation"]["protocols"]
    return {
        "combined": combined,
        "mean": mean,
        "headline": headline(mean, protocol, lead),
        "measures": MEASURE_NAMES,
        "meanings": summary.PROTOCOL_MEANINGS,
        "results": by_protocol(rows),
        "marks": marks_sentence(rows),
        "each": {
            (row.protocol, row.stream): {
                split: one["protocols"].get(row.protocol, {}).get(row.stream, {}).get("map")
                for split, one in combined["splits"].items()
            }
            for row in rows
        },
        "spread": {
            (row.protocol, row.stream): spread[row.protocol][row.stream]["map"] for row in rows
        },
        "final": combined.get("final"),
    }


def by_protocol(rows: list[ResultRow]) -> dict[str, list[ResultRow]]:
    """Rows by protocol, in their order."""
    return {
        protocol: [row for row in rows if row.protocol == protocol]
        for protocol in dict.fromkeys(row.protocol for row in rows)
    }


def _rows(protocols: Mapping[str, Any]) -> list[ResultRow]:
    return result_rows(protocols, measures=LABEL_MEASURES)
