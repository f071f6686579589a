"""The same clips in float32, beside scores in int8: what the smaller numbers cost in accuracy."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from twostream.datasets.manifest import ManifestRow
from twostream.evaluation.chosen import CHOSEN, chosen_clips
from twostream.evaluation.engines import engines_text, recorded_engines
from twostream.evaluation.fusion import fuse
from twostream.evaluation.protocols import Protocol
from twostream.evaluation.results import LEAD_NAMES, measures_of
from twostream.evaluation.scores import ClipScores
from twostream.evaluation.stream_scores import score_stream
from twostream.models.engines.beside_float32 import difference
from twostream.models.inference import Scoring, in_float32
from twostream.training.fusion_rule import FusionSpecification
from twostream.training.record import TrainingRecord
from twostream.transforms.preprocessing import ViewName

RESULTS_KEY = "float32"
ByProtocol = Mapping[str, Mapping[str, ClipScores]]


def scores_in_float32(
    run: Path,
    records: Mapping[str, TrainingRecord],
    rows: Sequence[ManifestRow],
    *,
    data: Path,
    protocols: Sequence[Protocol],
    scoring: Scoring,
    view: ViewName | None,
    rule: FusionSpecification,
) -> dict[str, dict[str, ClipScores]]:
    """Scores of the streams, their average and what the rule makes of both, by protocol.

    They are kept as those of an evaluation in float32, which they are.
    """
    found: dict[str, dict[str, ClipScores]] = {protocol: {} for protocol in protocols}
    for stream, record in records.items():
        scored = score_stream(
            run,
            record,
            rows,
            data=data,
            protocols=protocols,
            scoring=in_float32(scoring),
            view=view,
        )
        for protocol in protocols:
            found[protocol][stream] = scored.by_protocol[protocol]
    if len(records) == 2:
        for of_streams in found.values():
            pair = of_streams["spatial"], of_streams["temporal"]
            of_streams["fusion"] = fuse(*pair)
            of_streams[CHOSEN] = chosen_clips(*pair, rule)
    return found


def agreement(rounded: ByProtocol, exact: ByProtocol) -> dict[str, dict[str, dict[str, object]]]:
    """How far the scores of clips are apart, by protocol and stream."""
    return {
        protocol: {
            stream: difference(rounded[protocol][stream].values, one.values, precision="int8")
            for stream, one in streams.items()
        }
        for protocol, streams in exact.items()
    }


def accuracy_texts(results: Mapping[str, Any]) -> list[str]:
    """A line a protocol for people: the accuracies of ``results.json`` in both, and how far they agree.

    >>> accuracy_texts({"protocols": {"25": {"spatial": {"top1": 0.9}}}, "float32": {
    ...     "protocols": {"25": {"spatial": {"top1": 0.925}}}, "agreement": {"25": {"spatial": {
    ...     "samples": 40, "top_classes_that_differ": 1, "largest_difference": 0.0312}}}}})
    ['25: top-1 in int8 (in float32): spatial 90.0 % (92.5), 1 of 40 clips of another class, \
scores within 0.03']
    """
    exact = results.get(RESULTS_KEY)
    if exact is None:
        return []
    measure = measures_of(results)[0]
    what = "label" if results.get("multi_label") else "class"
    lines = []
    for protocol, streams in exact["protocols"].items():
        told = []
        for stream, values in streams.items():
            apart = exact["agreement"][protocol][stream]
            told.append(
                f"{stream} {100 * results['protocols'][protocol][stream][measure]:.1f} % "
                f"({100 * values[measure]:.1f}), {apart['top_classes_that_differ']} of "
                f"{apart['samples']} clips of another {what}, scores within "
                f"{apart['largest_difference']:.1g}"
            )
        called = LEAD_NAMES[measure]
        lines.append(f"{protocol}: {called} in int8 (in float32): {'; '.join(told)}")
    return lines


def computed_text(results: Mapping[str, Any]) -> str:
    """What computed the scores of ``results.json``; of scores in int8 also what float32 reaches.

    >>> computed_text({"protocols": {}})
    'not recorded'
    """
    return ". ".join([engines_text(recorded_engines(results)), *accuracy_texts(results)])
