"""The page of a comparison: one self-contained file."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from markupsafe import Markup

from twostream.atomic import write_text
from twostream.evaluation.bootstrap import MEASURES
from twostream.evaluation.comparison import Comparison
from twostream.evaluation.sample_size import FEW_OF_A_CLASS, pale_bars
from twostream.reporting.rendering import environment, style
from twostream.reporting.svg import Picture
from twostream.reporting.svg_gain import GainRow, gain_picture

NAMES = {"top1": "Top-1", "top5": "Top-5", "mean_class": "Mean class"}
PAGE_NAME = "comparison.html"
IDS_SHOWN = 10


def write_comparison_page(folder: Path, content: dict[str, Any], comparison: Comparison) -> Path:
    """Write ``comparison.html`` and its picture into `folder`; returns the page's path."""
    picture = comparison_picture(comparison)
    write_text(folder / f"{picture.name}.svg", picture.standalone(), durable=False)
    page = folder / PAGE_NAME
    template = environment().get_template("comparison.html")
    text = template.render(
        css=Markup(style()),
        content=content,
        measures=[(NAMES[measure], measure) for measure in MEASURES],
        picture=picture,
        pale_bars=pale_bars(row.clips for row in comparison.classes),
        verdict=verdict(content),
        ids_shown=IDS_SHOWN,
    )
    write_text(page, text)
    return page


def comparison_picture(comparison: Comparison) -> Picture:
    """Top-1 of B minus A, class by class, the largest gain first."""
    ordered = sorted(comparison.classes, key=lambda r: (r.top1_a - r.top1_b, r.name))
    rows = [
        GainRow(
            name=r.name,
            told=f"{100 * r.top1_a:.1f} % to {100 * r.top1_b:.1f} % of {r.clips} clips",
            gains={"B − A": r.top1_b - r.top1_a},
            few_clips=r.clips < FEW_OF_A_CLASS,
        )
        for r in ordered
    ]
    return gain_picture(
        rows,
        {"B − A": "right"},
        name="comparison",
        title="Top-1 of run B minus run A, class by class",
        axis="B − A, points of top-1",
    )


def verdict(content: dict[str, Any]) -> str:
    """One sentence: which run recognises more, and whether other source videos could undo that.

    >>> verdict({"clips": 20, "B_minus_A": {"top1": {"difference": 0.1, "interval": [-0.05, 0.2]}}})
    'B is 10.0 points above A in top-1 on 20 clips; the interval holds 0, so this may be chance.'
    """
    found = content["B_minus_A"]["top1"]
    low, high = found["interval"]
    points = abs(100 * found["difference"])
    on = f"in top-1 on {content['clips']} clip{'' if content['clips'] == 1 else 's'}"
    if points < 0.05:
        return f"B and A are equal {on}."
    way = "above" if found["difference"] > 0 else "below"
    doubt = (
        "the interval holds 0, so this may be chance"
        if low <= 0 <= high
        else ("the interval does not hold 0")
    )
    return f"B is {points:.1f} points {way} A {on}; {doubt}."
