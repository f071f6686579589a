"""A long video, or one without an end, as a timeline: all its windows, and the intervals in them."""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from twostream.prediction.networks import Scores
from twostream.prediction.windows import WindowBatch
from twostream.timelines.window_scores import WindowScores


@dataclass
class Collected:
    """The windows of one source as they come; memory for the numbers alone.

    Of one without an end the latest `most_s` seconds are kept.
    """

    most_s: float = math.inf
    batches: deque[WindowBatch] = field(default_factory=deque)
    count: int = 0

    def add(self, batch: WindowBatch) -> None:
        """Keep a batch."""
        self.batches.append(batch)
        self.count += len(batch.windows_s)
        while self.batches[0].windows_s[-1, 1] < self.reached_s - self.most_s:
            self.count -= len(self.batches.popleft().windows_s)

    def since(self, moment_s: float) -> Collected:
        """Those that reach beyond a moment."""
        tail = Collected()
        for batch in self.batches:
            if batch.windows_s[-1, 1] > moment_s:
                tail.add(batch)
        return tail

    @property
    def reached_s(self) -> float:
        """The end of the last window."""
        return float(self.batches[-1].windows_s[-1, 1]) if self.batches else 0.0

    def windows(
        self,
        class_names: Sequence[str],
        *,
        streams: Sequence[str],
        fps: float,
        background: str | None = None,
        cuts_s: Sequence[float] = (),
    ) -> WindowScores:
        """All of them as one value; what was collected is given up for it."""
        times = np.empty((self.count, 2), np.float64)
        scores: dict[str, Scores] = {
            name: np.empty((self.count, len(class_names)), np.float32) for name in streams
        }
        done = 0
        while self.batches:  # so that no number is there twice
            batch = self.batches.popleft()
            end = done + len(batch.windows_s)
            times[done:end] = batch.windows_s
            for name, values in scores.items():
                values[done:end] = batch.scores[name]
            done = end
        self.count = 0
        return WindowScores(
            class_names=class_names,
            windows_s=times,
            spatial=scores.get("spatial"),
            temporal=scores.get("temporal"),
            fused=scores["fused"],
            background=background,
            cuts_s=cuts_s,
            fps=fps,
        )
