"""Explanations as pictures in a folder, and what is said of each beside a prediction."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from twostream.explanation.explain import Explainer, Explanation
from twostream.prediction.naming import Source
from twostream.prediction.results import ExplainedMoment, Prediction


def write_explanations(
    found: Sequence[Explanation], folder: Path, *, stem: str
) -> tuple[ExplainedMoment, ...]:
    """Write a PNG for each into `folder`, which is made: frame, its map, flow, its map; raises OSError.

    The names begin with `stem` and hold the moment and the class.
    """
    folder.mkdir(parents=True, exist_ok=True)
    told = []
    for number, one in enumerate(found, start=1):
        label = re.sub(r"[^\w-]+", "_", one.label)
        path = folder / f"{stem}-{number:02d}-{one.start_s:.1f}s-{label}.png"
        one.write(path)
        told.append(
            ExplainedMoment(
                label=one.label,
                start_s=one.start_s,
                end_s=one.end_s,
                scores={str(stream): score for stream, score in one.scores.items()},
                layers={str(stream): layer for stream, layer in one.layers.items()},
                file=path,
            )
        )
    return tuple(told)


@dataclass
class Explaining:
    """Explains predictions one after another, and writes their pictures into a folder."""

    explainer: Explainer
    folder: Path
    _stems: set[str] = field(default_factory=set)

    def of(self, source: Source, prediction: Prediction) -> Prediction:
        """The prediction with its explanations; raises as `Explainer.of` and `write_explanations` do."""
        stem = own = Path(source.name.rpartition("://")[2]).stem.strip(".") or "source"
        count = 1
        while own in self._stems:
            count += 1
            own = f"{stem}-{count}"
        self._stems.add(own)
        found = self.explainer.of(source, prediction)
        return replace(prediction, explanations=write_explanations(found, self.folder, stem=own))
