"""From which scores on a run says something: kept beside its networks, and told wherever these go."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from twostream.evaluation.chosen import CHOSEN
from twostream.evaluation.label_thresholds import label_thresholds_of, write_label_thresholds
from twostream.prediction.threshold import read_threshold, write_threshold
from twostream.training.two_streams import TwoStreamBundle


@dataclass(frozen=True, kw_only=True)
class Thresholds:
    """That of windows of long videos (None: none is kept), or one for each label that holds by itself."""

    of_windows: float | None = None
    of_labels: dict[str, float] = field(default_factory=dict)


def thresholds_of(bundle: TwoStreamBundle) -> Thresholds:
    """Those of the fused scores of a bundle."""
    if bundle.multi_label:
        kept = label_thresholds_of(bundle)
        stream = CHOSEN if len(bundle.streams) == 2 else bundle.streams[0].stream
        values = kept.of(stream, bundle.classes).tolist()
        return Thresholds(of_labels=dict(zip(bundle.classes, values, strict=True)))
    found = None if bundle.background is not None else read_threshold(bundle)
    return Thresholds(of_windows=None if found is None else found.value)


def copy_thresholds(bundle: TwoStreamBundle, folder: Path) -> None:
    """Write the files that keep them into another folder of the same networks."""
    kept = read_threshold(bundle)
    if kept is not None:
        write_threshold(folder, kept)
    if bundle.multi_label:
        write_label_thresholds(folder, label_thresholds_of(bundle))
