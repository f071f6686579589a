"""The verb `flow-eval`: how far an estimated flow is from the truth."""

from __future__ import annotations

from pathlib import Path

from twostream.errors import TwostreamError
from twostream.paths import InputPath
from twostream.verbs.paths import checks_paths
from twostream.verbs.results import FlowComparison


@checks_paths
def flow_eval(estimate: InputPath, truth: InputPath) -> FlowComparison:
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

    from twostream.events import made
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
    return made(FlowComparison(asdict(errors), estimate, truth))
