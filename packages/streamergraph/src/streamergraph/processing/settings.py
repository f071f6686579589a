"""What `process` does with observations."""

from __future__ import annotations

from dataclasses import dataclass

from streamergraph.errors import StreamergraphError
from streamergraph.tables.weights import MEASURE_COLUMNS

MEASURES = tuple(MEASURE_COLUMNS)


@dataclass(frozen=True, kw_only=True)
class ProcessSettings:
    """Thresholds, in minutes, persons and per cent (`count`: persons).

    `interval_minutes` is the collector's interval, `grid_minutes` the distance of samples;
    `least_common_viewers` is the floor below which no relation is published, whatever the threshold;
    `as_published` reproduces the original's defects (spec of the original, section 5).
    """

    min_live_minutes: int = 60
    min_watch_minutes: int = 30
    min_mean_viewers: float = 10.0
    min_mean_chatters: float = 10.0
    min_game_minutes: int = 30
    measure: str = "overlap"
    threshold: float = 10.0
    significance: float | None = None
    least_common_viewers: int = 5
    bot_channels: int | None = 30
    raid_minutes: int = 0
    as_published: bool = False

    def check(self) -> None:
        """Raise StreamergraphError for values that mean nothing."""
        for flag, value, least in (
            ("--min-live-minutes", self.min_live_minutes, 0),
            ("--min-watch-minutes", self.min_watch_minutes, 0),
            ("--min-mean-viewers", self.min_mean_viewers, 0),
            ("--min-mean-chatters", self.min_mean_chatters, 0),
            ("--min-game-minutes", self.min_game_minutes, 0),
            ("--threshold", self.threshold, 0),
            ("--least-common-viewers", self.least_common_viewers, 1),
            ("--bot-channels", self.bot_channels or 1, 1),
            ("--raid-minutes", self.raid_minutes, 0),
        ):
            if not value >= least:
                raise StreamergraphError(
                    flag, expected=f"at least {least}", found=str(value), remedy="raise it"
                )
        if self.measure not in MEASURES:
            raise StreamergraphError(
                "--measure",
                expected=" or ".join(MEASURES),
                found=self.measure,
                remedy="choose one of them",
            )
        if self.measure != "count" and self.threshold > 100:
            raise StreamergraphError(
                "--threshold",
                expected=f"at most 100, for {self.measure} is measured in per cent",
                found=f"{self.threshold:g}",
                remedy="lower it, or choose --measure count for a number of common viewers",
            )
        if self.significance is not None and not 0 < self.significance < 1:
            raise StreamergraphError(
                "--significance",
                expected="a share above 0 and below 1",
                found=str(self.significance),
                remedy="try 0.01",
            )
