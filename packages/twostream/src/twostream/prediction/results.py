"""What is said of one source."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from twostream.notebook import html_table

# Loaded where it is needed: the help of the verb shall come at once.
if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt
    import polars as pl

    from twostream.timelines.intervals import Interval
    from twostream.timelines.window_scores import WindowScores

    Scores = npt.NDArray[np.float32]

STREAMS = ("spatial", "temporal", "fused")
DIGITS = 6


@dataclass(frozen=True)
class LabelScore:
    """A class and its probability."""

    label: str
    score: float

    def to_dict(self) -> dict[str, Any]:
        """Plain values, for JSON."""
        return {"label": self.label, "score": round(self.score, DIGITS)}


@dataclass(frozen=True, kw_only=True)
class ExplainedMoment:
    """Where the streams looked for a class at a moment, drawn in the picture `file`.

    `scores` are the class's probabilities there and `layers` the layers that the maps are of, by stream.
    """

    label: str
    start_s: float
    end_s: float
    scores: dict[str, float]
    layers: dict[str, str]
    file: Path

    def to_dict(self) -> dict[str, Any]:
        """Plain values, for JSON."""
        return {
            "label": self.label,
            "start_s": round(self.start_s, DIGITS),
            "end_s": round(self.end_s, DIGITS),
            "scores": {stream: round(score, DIGITS) for stream, score in self.scores.items()},
            "layers": self.layers,
            "file": str(self.file),
        }


@dataclass(frozen=True, kw_only=True)
class Prediction:
    """What a run says of one source: classes by stream, best first.

    `spatial` and `temporal` are empty where the run has no such stream; `fused` then is the other one.
    `protocol` is the one that scored a clip, which is one of the `windows`; a timeline has none, many
    windows, and `intervals` in the order of time. `ended` is what ended the source early, if anything did.
    """

    source: str
    windows: WindowScores = field(repr=False)
    protocol: str | None = None
    top: int = 5
    intervals: tuple[Interval, ...] = ()
    ended: BaseException | None = None
    thresholds: tuple[float, ...] | None = None
    """From which fused score each class holds, where several may at once; else None."""
    explanations: tuple[ExplainedMoment, ...] = ()
    """Pictures of what the streams looked at, where they were asked for."""

    @property
    def classes(self) -> tuple[str, ...]:
        """The classes of the run."""
        return tuple(self.windows.class_names)

    @cached_property
    def scores(self) -> dict[str, Scores]:
        """Probabilities (C,) of all classes by stream, ``fused`` among them: means over the windows."""
        import numpy as np

        return {
            stream: values.mean(axis=0, dtype=np.float64).astype(np.float32)
            for stream, values in self.windows.streams.items()
        }

    @property
    def is_timeline(self) -> bool:
        """Whether it was looked at window after window."""
        return self.protocol is None

    @property
    def holding(self) -> tuple[LabelScore, ...]:
        """The labels that hold where several may at once, the surest first; empty where one class is told.

        Of a timeline those of the mean over its windows, which its intervals tell better.
        """
        if self.thresholds is None:
            return ()
        level = dict(zip(self.classes, self.thresholds, strict=True))
        every = best_first(self.classes, self.scores["fused"])
        return tuple(one for one in every if one.score >= level[one.label] - 1e-9)

    @property
    def spatial(self) -> tuple[LabelScore, ...]:
        """The best classes by single frames."""
        return self._best("spatial")

    @property
    def temporal(self) -> tuple[LabelScore, ...]:
        """The best classes by motion."""
        return self._best("temporal")

    @property
    def fused(self) -> tuple[LabelScore, ...]:
        """The best classes by both."""
        return self._best("fused")

    def _best(self, stream: str) -> tuple[LabelScore, ...]:
        return best_first(self.classes, self.scores.get(stream), top=self.top)

    def to_dict(self) -> dict[str, Any]:
        """What ``predict --json`` prints of it."""
        from twostream.timelines.files import intervals_as_json

        told = {
            "source": self.source,
            **{name: [one.to_dict() for one in self._best(name)] for name in STREAMS},
            "intervals": intervals_as_json(self.intervals),
        }
        if self.thresholds is not None:
            told["labels"] = [one.to_dict() for one in self.holding]
        if self.explanations:
            told["explanations"] = [one.to_dict() for one in self.explanations]
        return told

    def to_json(self) -> str:
        """The same as one line of JSON, in ASCII: every terminal and pipe takes it."""
        return json.dumps(self.to_dict())

    @property
    def rows(self) -> list[dict[str, Any]]:
        """A row for each interval; of a clip one for each place: the class there and its score."""
        if self.is_timeline:
            return [
                {"start_s": one.start_s, "end_s": one.end_s, "label": one.label, "score": one.score}
                for one in self.intervals
            ]
        columns = {name: self._best(name) for name in STREAMS if self._best(name)}
        count = max((len(found) for found in columns.values()), default=0)
        return [
            {"place": k + 1}
            | {
                key: value
                for name, found in columns.items()
                for key, value in ((name, found[k].label), (f"{name}_score", found[k].score))
            }
            for k in range(count)
        ]

    def to_polars(self) -> pl.DataFrame:
        """The table of the result."""
        import polars as pl

        return pl.DataFrame(self.rows)

    def _repr_html_(self) -> str:
        return html_table(self.source, self.rows)


def best_first(
    classes: Sequence[str], scores: Scores | None, *, top: int = 0
) -> tuple[LabelScore, ...]:
    """Classes with their scores (C,), the best first; of equals the first. `top` of them, 0: all.

    >>> import numpy as np
    >>> best_first(["a", "b", "c"], np.float32([0.25, 0.5, 0.25]), top=2)
    (LabelScore(label='b', score=0.5), LabelScore(label='a', score=0.25))
    """
    import numpy as np

    if scores is None:
        return ()
    order = np.argsort(-scores, kind="stable")[: top or None]
    return tuple(LabelScore(classes[k], float(scores[k])) for k in order)
