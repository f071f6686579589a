"""The verb `compare`: two runs on the same clips."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from twostream.paths import InputPath, OutputPath
from twostream.verbs.paths import checks_paths

CLASSES_SHOWN = 5


@checks_paths
def compare(
    run_a: InputPath,
    run_b: InputPath,
    *,
    protocol: str = "whole-video",
    stream: str = "fusion",
    out: OutputPath = Path("comparison"),
) -> dict[str, Any]:
    """Compare two evaluated runs, paired on their common test clips; write tables and a page.

    Differences are run B minus run A, with 95 % bootstrap intervals over source videos.

    Parameters
    ----------
    run_a
        Evaluated run folder to compare with.
    run_b
        Evaluated run folder that is compared.
    protocol
        Protocol whose scores are compared.
    stream
        `spatial`, `temporal`, `fusion` or another stream in the scores of both runs.
    out
        Folder for comparison.json, comparison.html and tables as CSV.
    """
    from twostream.evaluation.comparison import compare_runs
    from twostream.evaluation.comparison_files import comparison_content, write_comparison
    from twostream.reporting.comparison_page import write_comparison_page

    run_a, run_b, out = Path(run_a), Path(run_b), Path(out)
    comparison = compare_runs(run_a, run_b, protocol=protocol, stream=stream)
    content = comparison_content(run_a, run_b, comparison)
    write_comparison(out, content, comparison)
    page = write_comparison_page(out, content, comparison)
    _print(content, page)
    return content


def _print(content: dict[str, Any], page: Path) -> None:
    from rich.console import Console
    from rich.table import Table

    from twostream.reporting.comparison_page import NAMES, verdict
    from twostream.reporting.svg import signed

    table = Table(
        title=f"{content['stream']}, {content['protocol']}: {content['clips']} clips of "
        f"{content['source_videos']} source videos"
    )
    table.add_column("measure")
    for heading in ("A", "B", "B − A", "95 % interval", "not above"):
        table.add_column(heading, justify="right")
    for measure, name in NAMES.items():
        told = content["B_minus_A"][measure]
        table.add_row(
            name,
            *(f"{100 * content[run][measure]:.1f} %" for run in ("A", "B")),
            signed(told["difference"]),
            " to ".join(signed(end) for end in told["interval"]),
            f"{100 * told['share_not_above']:.1f} %",
        )
    lines = [verdict(content), *_classes(content["per_class"])]
    for run in ("A", "B"):
        if left_out := content[f"only_in_{run}"]:
            some = ", ".join(left_out[:3]) + (" …" if len(left_out) > 3 else "")
            lines.append(f"note: {len(left_out)} clips only {run} was tested on: {some}")
    if not content["scored_alike"]:
        told = "; ".join(f"{run}: {content[run]['computed_by']}" for run in ("A", "B"))
        lines.append(f"note: the scores were not computed alike ({told})")
    console = Console(highlight=False)
    console.print(table)
    for text in [*lines, f"comparison: {page}"]:
        console.print(text, soft_wrap=True, markup=False)


def _classes(rows: list[dict[str, Any]]) -> list[str]:
    """Lines about the classes that differ most."""
    lines = []
    for heading, mine, others in (("wins", "only_b", "only_a"), ("losses", "only_a", "only_b")):
        net = sorted(rows, key=lambda r: r[others] - r[mine])
        some = [r for r in net if r[mine] > r[others]]
        if some:
            named = ", ".join(f"{r['name']} +{r[mine]} −{r[others]}" for r in some[:CLASSES_SHOWN])
            more = f" … ({len(some)} classes)" if len(some) > CLASSES_SHOWN else ""
            lines.append(f"{heading} of B (clips): {named}{more}")
    return lines
