"""What an earlier run chose, for one that goes on from it and has nothing to choose by."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from twostream.errors import TwostreamError
from twostream.evaluation.label_thresholds import LabelThresholds, label_thresholds_of
from twostream.formats import LaterFormatError
from twostream.training.fusion_rule import FusionSpecification
from twostream.training.options import KEPT
from twostream.training.record import TrainingRecord
from twostream.training.two_streams import TwoStreamBundle, read_two_streams


def earlier_rule(records: Mapping[str, TrainingRecord], why: str) -> FusionSpecification | None:
    """How the run was fused from which both streams go on; None where it is gone, or nothing was chosen."""
    earlier = _earlier(records)
    if earlier is None or len(earlier.streams) < 2 or earlier.fusion.is_plain_average:
        return None
    return replace(
        earlier.fusion, reason=f"as in the run that goes on ({earlier.fusion.reason}): {why}"
    )


def earlier_thresholds(
    records: Mapping[str, TrainingRecord], why: str, *, trainings: Mapping[str, str]
) -> LabelThresholds | None:
    """The thresholds of the run from which all streams go on; None where it is gone, or none were chosen.

    A label that is new has none.
    """
    earlier = _earlier(records)
    if earlier is None or not earlier.multi_label:
        return None
    found = label_thresholds_of(earlier)
    if not found.by_stream:
        return None
    reason = f"those of the run that goes on ({found.reason}): {why}"
    return replace(found, reason=reason, trainings=dict(trainings))


def _earlier(records: Mapping[str, TrainingRecord]) -> TwoStreamBundle | None:
    runs = {record.options.get("from_run") for record in records.values()}
    goes_on = all(record.options.get("head") == KEPT for record in records.values())
    named = runs.pop() if len(runs) == 1 else None
    if named is None or not goes_on or not Path(named).is_dir():
        return None
    try:
        return read_two_streams(Path(named))
    except LaterFormatError:
        raise
    except TwostreamError:  # it was replaced meanwhile, or moved in part
        return None
