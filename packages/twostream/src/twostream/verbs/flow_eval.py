"""The verb `flow-eval`: how far an estimated flow is from the truth."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from twostream.errors import TwostreamError
from twostream.paths import InputPath
from twostream.verbs.paths import checks_paths


@checks_paths
def flow_eval(estimate: InputPath, truth: InputPath) -> dict[str, Any]:
    """Compare a flow with the true one: end-point errors and outliers.

    Parameters
    ----------
    estimate
        Flow as `.flo` or `.npy`.
    truth
        The true flow as `.flo` or `.npy`; where it is unknown (beyond 1e9, or NaN) nothing counts.

    Returns
    -------
    The measures of `twostream.flow.measures.FlowErrors` by name.

    Raises
    ------
    TwostreamError
        Unreadable files, flows of different sizes, nothing to compare.
    """
    from dataclasses import asdict

    from rich.console import Console
    from rich.table import Table

    from twostream.flow.files import read_flow
    from twostream.flow.measures import flow_errors

    estimate, truth = Path(estimate), Path(truth)
    flows = read_flow(estimate), read_flow(truth)
    try:
        errors = flow_errors(*flows)
    except TwostreamError as error:
        raise TwostreamError(
            estimate, expected=error.expected, found=error.found, remedy=error.remedy
        ) from error
    table = Table(title=f"{estimate.name} against {truth.name}: {errors.pixels} pixels")
    table.add_column("measure")
    table.add_column("value", justify="right")
    for name, value in (
        ("mean end-point error", f"{errors.epe_mean:.4f} px"),
        ("median", f"{errors.epe_median:.4f} px"),
        ("99th percentile", f"{errors.epe_p99:.4f} px"),
        ("more than 1 px off", f"{100 * errors.beyond_1px:.2f} %"),
        ("more than 3 px off", f"{100 * errors.beyond_3px:.2f} %"),
        ("outliers (3 px and 5 %)", f"{100 * errors.outliers:.2f} %"),
    ):
        table.add_row(name, value)
    Console().print(table)
    return asdict(errors)
