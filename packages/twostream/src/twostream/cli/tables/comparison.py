"""What `compare` found."""

from __future__ import annotations

from typing import Any

from rich.console import Console
from rich.table import Table

from twostream.datasets.names import counted
from twostream.reporting.comparison_page import NAMES, verdict
from twostream.reporting.svg import signed
from twostream.verbs.results import Comparison

CLASSES_SHOWN = 5


def print_comparison(comparison: Comparison) -> None:
    """The measures of both runs, and in what they differ."""
    content = comparison.to_dict()

    table = Table(
        title=f"{content['stream']}, {content['protocol']}: {content['clips']} clips of "
        f"{content['source_videos']} source videos"
    )
    table.add_column("measure")
    for heading in ("A", "B", "B − A", "95 % interval", "B no better in"):
        table.add_column(heading, justify="right")
    for measure, name in NAMES.items():
        told = content["B_minus_A"][measure]
        table.add_row(
            name,
            *(f"{100 * content[run][measure]:.1f} %" for run in ("A", "B")),
            signed(told["difference"]),
            " to ".join(signed(end) for end in told["interval"]),
            f"{100 * told['share_not_above']:.1f} % of resamples",
        )
    lines = [verdict(content), *_classes(content["per_class"])]
    for run in ("A", "B"):
        if left_out := content[f"only_in_{run}"]:
            some = ", ".join(left_out[:3]) + (" …" if len(left_out) > 3 else "")
            lines.append(f"note: {counted(len(left_out), 'clip')} only {run} was tested on: {some}")
    if not content["scored_alike"]:
        told = "; ".join(f"{run}: {content[run]['computed_by']}" for run in ("A", "B"))
        lines.append(f"note: the scores were not computed alike ({told})")
    console = Console(highlight=False)
    console.print(table)
    for text in [*lines, f"comparison: {comparison.page}"]:
        console.print(text, soft_wrap=True, markup=False)


def _classes(rows: list[dict[str, Any]]) -> list[str]:
    """Lines about the classes that differ most."""
    lines = []
    for better, worse, mine, others in (
        ("B", "A", "only_b", "only_a"),
        ("A", "B", "only_a", "only_b"),
    ):
        net = sorted(rows, key=lambda r: r[others] - r[mine])
        some = [r for r in net if r[mine] > r[others]]
        if some:
            named = ", ".join(
                f"{r['name']} (only {better} right: {r[mine]}, only {worse} right: {r[others]})"
                for r in some[:CLASSES_SHOWN]
            )
            more = f" … ({len(some)} classes)" if len(some) > CLASSES_SHOWN else ""
            lines.append(f"{better} knows better, in clips: {named}{more}")
    return lines
