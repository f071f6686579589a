"""The verb `compare`: two runs on the same clips."""

from __future__ import annotations

from pathlib import Path

from twostream.paths import InputPath, OutputFolder
from twostream.verbs.paths import checks_paths
from twostream.verbs.results import Comparison


@checks_paths
def compare(
    run_a: InputPath,
    run_b: InputPath,
    *,
    protocol: str = "whole-video",
    stream: str | None = None,
    out: OutputFolder | None = None,
) -> Comparison:
    """Compare two evaluated runs, paired on their common test clips; write tables and a page.

    Differences are run B minus run A, with 95 % bootstrap intervals over source videos. Of folds all clips
    are compared, also where both runs divided them otherwise.

    Parameters
    ----------
    run_a
        Evaluated run folder to compare with.
    run_b
        Evaluated run folder that is compared.
    protocol
        Protocol whose scores are compared.
    stream
        `spatial`, `temporal`, `fusion` or another stream in the scores of both runs. Default: `chosen`
        where both runs have it, else `fusion`.
    out
        Folder for comparison.json, comparison.html and tables as CSV. Default: in RUN_B, named after RUN_A.
    """
    from twostream.evaluation.comparison import compare_runs, shared_lead
    from twostream.evaluation.comparison_files import comparison_content, write_comparison
    from twostream.evaluation.same_files import note_of_other_files
    from twostream.evaluation.split_results import measured_results
    from twostream.events import made, warn
    from twostream.reporting.comparison_page import write_comparison_page

    run_a, run_b = Path(run_a), Path(run_b)
    out = run_b / f"comparison-with-{run_a.resolve().name}" if out is None else Path(out)
    stream = stream or shared_lead(run_a, run_b, protocol=protocol)
    comparison = compare_runs(run_a, run_b, protocol=protocol, stream=stream)
    results = measured_results(run_a), measured_results(run_b)
    if note := note_of_other_files(run_a, run_b, results, comparison.scores["A"].ids):
        warn(note)
    content = comparison_content(run_a, run_b, comparison)
    write_comparison(out, content, comparison)
    page = write_comparison_page(out, content, comparison)
    return made(Comparison(content, page))
