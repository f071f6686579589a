"""The verb `report`: one self-contained page about a run."""

from __future__ import annotations

from pathlib import Path

from twostream.paths import InputPath
from twostream.verbs.locking import holds_run
from twostream.verbs.paths import checks_paths
from twostream.verbs.written import ReportPage


@checks_paths
@holds_run("run")
def report(run: InputPath, *, explain: bool = False) -> ReportPage:
    """Write RUN/report.html: results, curves, confusions, classes, clips, configuration.

    Parameters
    ----------
    run
        An evaluated run folder.
    explain
        Find out where the networks looked (Grad-CAM) in the clips that the report shows: for the class that
        was said, and for the true one. Later reports show it too.
    """
    from twostream.events import made
    from twostream.reporting.page import write_report
    from twostream.training.final import refuse_final

    run = Path(run)
    refuse_final(run, purpose="report on")
    return made(ReportPage(write_report(run, explain=explain)))
