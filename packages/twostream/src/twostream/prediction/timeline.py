"""A long video, or one without an end, as a timeline: all its windows, and the intervals in them."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

from twostream.prediction.networks import Scores
from twostream.prediction.windows import Times, WindowBatch
from twostream.timelines.window_scores import WindowScores

# Windows that room is made for at once, and that are forgotten at once.
BLOCK = 1024
# More room is made by this share of what there is, where the system has to copy it for that.
GROWTH = 16


@dataclass
class Collected:
    """The windows of one source as they come: an array of times and one a stream, which grow in place.

    Of one without an end the latest `most_s` seconds are kept.
    """

    most_s: float = math.inf
    _rows: _Rows = field(default_factory=lambda: _Rows())

    @property
    def count(self) -> int:
        """How many windows there are."""
        return self._rows.count

    @property
    def reached_s(self) -> float:
        """The end of the last window."""
        return float(self._rows.times[self.count - 1, 1]) if self.count else 0.0

    def add(self, batch: WindowBatch) -> None:
        """Keep a batch."""
        self._rows.add(batch.windows_s, batch.scores)
        ends = self._rows.times[: self.count, 1]
        old = 0 if math.isinf(self.most_s) else int(np.argmax(ends >= ends[-1] - self.most_s))
        if old >= BLOCK:
            self._rows = self._rows.copy(old)  # at once: Ctrl-C may come at any moment

    def since(self, moment_s: float) -> Collected:
        """A copy of those that reach beyond a moment."""
        beyond = np.flatnonzero(self._rows.times[: self.count, 1] > moment_s)
        return Collected(_rows=self._rows.copy(int(beyond[0]) if len(beyond) else self.count))

    def windows(
        self,
        class_names: Sequence[str],
        *,
        streams: Sequence[str],
        fps: float,
        background: str | None = None,
        cuts_s: Sequence[float] = (),
        multi_label: bool = False,
        agreement: bool = False,
    ) -> WindowScores:
        """All of them as one value, to which what was collected is given up: no number is there twice."""
        rows, self._rows = self._rows, _Rows()
        rows.resize(rows.count)
        none = np.empty((0, len(class_names)), np.float32)
        scores = {name: rows.scores.get(name, none) for name in streams}
        return WindowScores(
            class_names=class_names,
            windows_s=rows.times,
            spatial=scores.get("spatial"),
            temporal=scores.get("temporal"),
            fused=scores["fused"],
            background=background,
            cuts_s=cuts_s,
            fps=fps,
            multi_label=multi_label,
            agreement=agreement,
        )


@dataclass
class _Rows:
    """Times and scores of the first `count` windows, and room for some more."""

    times: Times = field(default_factory=lambda: np.empty((0, 2), np.float64))
    scores: dict[str, Scores] = field(default_factory=dict)
    count: int = 0

    def add(self, times: Times, scores: dict[str, Scores]) -> None:
        end = self.count + len(times)
        for name, values in scores.items():
            if name not in self.scores:
                self.scores[name] = np.empty((len(self.times), values.shape[1]), np.float32)
        if end > len(self.times):
            self.resize(end + max(BLOCK, end // GROWTH))
        self.times[self.count : end] = times
        for name, values in scores.items():
            self.scores[name][self.count : end] = values
        self.count = end

    def copy(self, first: int) -> _Rows:
        """Those from `first` on."""
        part = slice(first, self.count)
        scores = {name: values[part].copy() for name, values in self.scores.items()}
        return _Rows(self.times[part].copy(), scores, self.count - first)

    def resize(self, rows: int) -> None:
        """Make it so many rows. Nobody else may have a view of them, which would lose its memory."""
        arrays: list[npt.NDArray[Any]] = [self.times, *self.scores.values()]
        for values in arrays:
            # Where the system can move pages, as Linux does, no number is copied for it.
            values.resize((rows, values.shape[1]), refcheck=False)
