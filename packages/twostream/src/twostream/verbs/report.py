"""The verb `report`: one self-contained page about a run."""

from __future__ import annotations

from pathlib import Path

from twostream.paths import InputPath
from twostream.verbs.locking import holds_run
from twostream.verbs.paths import checks_paths


@checks_paths
@holds_run("run")
def report(run: InputPath) -> Path:
    """Write RUN/report.html: results, curves, confusions, classes, clips, configuration.

    Parameters
    ----------
    run
        An evaluated run folder.
    """
    from twostream.reporting.page import write_report

    run = Path(run)
    page = write_report(run)
    tell_page(page)
    return page


def tell_page(page: Path) -> None:
    """Say where the report is."""
    from rich.console import Console

    Console().print(f"report: {page}", soft_wrap=True, markup=False, highlight=False)
