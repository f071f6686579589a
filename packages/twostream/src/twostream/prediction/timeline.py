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

# Windows that are kept together: many small pieces of memory are not given back when they are freed.
BLOCK = 1024


@dataclass
class Collected:
    """The windows of one source as they come; memory for the numbers alone.

    Of one without an end the latest `most_s` seconds are kept.
    """

    most_s: float = math.inf
    blocks: deque[WindowBatch] = field(default_factory=deque)
    fresh: list[WindowBatch] = field(default_factory=list)
    count: int = 0
    reached_s: float = 0.0
    """The end of the last window."""

    def add(self, batch: WindowBatch) -> None:
        """Keep a batch."""
        self.fresh.append(batch)
        self.count += len(batch.windows_s)
        self.reached_s = float(batch.windows_s[-1, 1])
        if sum(len(one.windows_s) for one in self.fresh) >= BLOCK:
            self.blocks.append(together(self.fresh))
            self.fresh = []
        while self.blocks and self.blocks[0].windows_s[-1, 1] < self.reached_s - self.most_s:
            self.count -= len(self.blocks.popleft().windows_s)

    def since(self, moment_s: float) -> Collected:
        """Those that reach beyond a moment, and some before."""
        tail = Collected()
        for batch in (*self.blocks, *self.fresh):
            if batch.windows_s[-1, 1] > moment_s:
                tail.add(batch)
        return tail

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
        """All of them as one value; what was collected is given up for it."""
        times = np.empty((self.count, 2), np.float64)
        scores: dict[str, Scores] = {
            name: np.empty((self.count, len(class_names)), np.float32) for name in streams
        }
        done = 0
        self.blocks.extend(self.fresh)
        self.fresh = []
        while self.blocks:  # so that no number is there twice
            batch = self.blocks.popleft()
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
            multi_label=multi_label,
            agreement=agreement,
        )


def together(batches: Sequence[WindowBatch]) -> WindowBatch:
    """Some batches as one."""
    return WindowBatch(
        np.concatenate([one.windows_s for one in batches]),
        {name: np.concatenate([one.scores[name] for one in batches]) for name in batches[0].scores},
    )
