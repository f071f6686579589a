"""Intervals of what is still going on, told as soon as nothing that comes can change them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from twostream.prediction.timeline import Collected
from twostream.timelines.intervals import Interval
from twostream.timelines.window_scores import WindowScores

# What was said of the last hour is kept; and without any interval for so long, nothing before can matter.
KEPT_SECONDS = 3600.0
QUIET_SECONDS = 60.0
TOLERANCE_SECONDS = 0.02


@dataclass
class GoingOn:
    """The intervals of a live source: those that are over, and the windows of which others are made.

    `intervals_in` makes intervals of windows, `windows_of` makes windows of what was collected. An interval
    is over when the scores have been below its threshold for `settling_s`, by which time smoothing and the
    shortest length change nothing any more. Where intervals of several labels may be `overlapping`, one may
    go on while another ends.
    """

    intervals_in: Callable[[WindowScores], Sequence[Interval]]
    windows_of: Callable[[Collected], WindowScores]
    settling_s: float
    overlapping: bool = False
    over: list[Interval] = field(default_factory=list)
    _begun_s: float = 0.0
    _told_s: dict[str, float] = field(default_factory=dict)

    def look(self, collected: Collected) -> list[Interval]:
        """The intervals that are over since the last look."""
        found = self._found(collected)
        settled = collected.reached_s - self.settling_s
        ended = [one for one in found if one.end_s <= settled]
        self.over += ended
        open_since = [one.start_s for one in found if one.end_s > settled]
        quiet = min([collected.reached_s - QUIET_SECONDS, *open_since])
        if self.overlapping:
            self._told_s |= {one.label: one.end_s for one in ended}
            # From where on something is told neither yet nor any more: what ended may end others' quiet.
            latest = max((one.end_s for one in self.over), default=0.0)
            self._begun_s = max(self._begun_s, min([*open_since, max(quiet, latest)]))
        else:
            self._begun_s = max([self._begun_s, quiet, *(one.end_s for one in ended)])
        return ended

    def all(self, collected: Collected) -> tuple[Interval, ...]:
        """All of them, where nothing comes any more."""
        return (*self.over, *self._found(collected))

    def _found(self, collected: Collected) -> list[Interval]:
        tail = collected.since(self._begun_s - self.settling_s)
        if not tail.count:
            return []
        found = self.intervals_in(self.windows_of(tail))
        # What was told already comes again, its beginning cut away.
        return [
            one
            for one in found
            if one.start_s
            >= (self._told_s.get(one.label, 0.0) if self.overlapping else self._begun_s)
            - TOLERANCE_SECONDS
        ]
