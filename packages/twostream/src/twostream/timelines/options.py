"""How scores of windows become intervals."""

from __future__ import annotations

from dataclasses import dataclass

from twostream.errors import TwostreamError
from twostream.options import check_options, option

USUAL_THRESHOLD = 0.5
OFF_SHARE = 0.6
USUAL_SHORTEST_S = 0.5


@dataclass(frozen=True, kw_only=True)
class TimelineOptions:
    """Two thresholds (hysteresis), smoothing, and the shortest interval that is told."""

    on_above: float | None = option(
        None,
        "An interval of a class is found where its smoothed score reaches this. Where the run has a class "
        "of background the score is the probability beside that of the strongest rival, p / (p + rival). "
        "Default: 0.5; of a run without background its own threshold.",
        brief="Score from which an interval of a class is found.",
        least=0,
        most=1,
    )
    off_below: float | None = option(
        None,
        "An interval lasts until the score is below this, so that a short dip does not cut it. "
        "Default: 0.6 of --on-above; the same as --on-above turns hysteresis off.",
        least=0,
        most=1,
    )
    shortest_s: float | None = option(
        None,
        "Leave out intervals shorter than so many seconds. Default: a little less than the shortest labels "
        "of recordings that the run learnt from; 0.5 where it learnt from clips.",
        brief="Leave out intervals shorter than so many seconds.",
        flag="shortest",
        least=0,
    )
    bridge_s: float = option(
        1.0,
        "Make two intervals of one class one where less than so many seconds lie between them; 0 does not.",
        flag="bridge",
        least=0,
    )
    smoothing_s: float = option(
        0.5, "Average scores over so many seconds.", flag="smoothing", least=0
    )

    def __post_init__(self) -> None:
        """Refuse thresholds that no score could pass."""
        check_options(self)
        if None not in (self.on_above, self.off_below):
            self.thresholds()

    def shortest(self, of_run: float | None = None) -> float:
        """The shortest interval in seconds; `of_run` is what a run's labels say.

        >>> TimelineOptions().shortest(), TimelineOptions().shortest(of_run=0.9)
        (0.5, 0.9)
        """
        if self.shortest_s is not None:
            return self.shortest_s
        return USUAL_SHORTEST_S if of_run is None else of_run

    def thresholds(self, of_run: float | None = None) -> tuple[float, float]:
        """Where intervals begin and end; `of_run` is the threshold that a run was given.

        Raises TwostreamError where one would end above where it begins.

        >>> TimelineOptions().thresholds(of_run=0.4)
        (0.4, 0.24)
        >>> TimelineOptions(on_above=0.7, off_below=0.2).thresholds(of_run=0.4)
        (0.7, 0.2)
        """
        usual = USUAL_THRESHOLD if of_run is None else of_run
        on = usual if self.on_above is None else self.on_above
        off = round(OFF_SHARE * on, 6) if self.off_below is None else self.off_below
        if off > on:
            raise TwostreamError(
                "--off-below",
                expected=f"at most {on:g}, from which intervals begin",
                found=f"{off:g}",
                remedy="give a lower one, or a higher --on-above",
            )
        return on, off
