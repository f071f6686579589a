"""What `predict` can be told."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from twostream.choices import AskedPrecision, Engine, Protocol, ScoringPrecision
from twostream.errors import TwostreamError
from twostream.evaluation.options import EvaluateOptions
from twostream.execution.choosing import CLUSTER_HELP, check_cluster
from twostream.options import again, check_options, option, places_of
from twostream.timelines.options import TimelineOptions


@dataclass(frozen=True, kw_only=True)
class LookOptions:
    """How a source is looked at, whatever computes."""

    protocol: Protocol | None = option(
        None,
        "Look at every source as a clip: `one-frame`, `25`, `whole-video` or `25x10`, as `evaluate` has "
        "them. Default: `25` for what is no longer than 15 s, and a timeline of what is longer.",
        brief="Look at every source as a clip: one-frame, 25, whole-video or 25x10.",
        main=True,
    )
    timeline: bool = option(
        False, "Make a timeline of short clips too: windows, and the intervals in them.", main=True
    )
    rate: float = option(
        8.0,
        "Windows a second of a timeline, as many samples of each stream. Each is a stack of flows and "
        "the frame in its middle.",
        above=0,
    )
    cuts: bool = option(
        False,
        "Find where shots begin (with the extra `cuts`), so that no window and no interval reaches over "
        "a cut.",
    )
    seconds: float | None = option(
        None, "Stop after so many seconds of a source, such as a camera.", above=0
    )
    timeout: float = option(
        10.0, "Seconds after which a camera or an address that shows nothing has failed.", above=0
    )
    top: int = option(5, "Tell so many classes, the best first; 0: all.", main=True, least=0)
    intervals: TimelineOptions = field(default_factory=TimelineOptions)

    def __post_init__(self) -> None:
        """Refuse what nothing could be looked at with, and what a clip by a protocol would not heed."""
        check_options(self)
        if self.protocol is None:
            return
        for flag, value, usual in _of_timelines(self):
            if value != usual:
                raise TwostreamError(
                    flag,
                    expected="a timeline, which it is about",
                    found=f"--protocol {self.protocol}, by which every source is a clip",
                    remedy="leave one of the two out",
                )


def _of_timelines(look: LookOptions) -> Iterator[tuple[str, Any, Any]]:
    """The flag, the value and the default of each option that says how timelines are made."""
    of_clips = {"protocol", "timeout", "top"}
    for place in places_of(LookOptions):
        if place.option.field not in of_clips:
            yield place.option.flag, place.value(look), place.option.default


@dataclass(frozen=True, kw_only=True)
class PredictOptions:
    """How sources are looked at, and what computes."""

    split: int | None = option(
        None,
        "Of a run over several splits, the one to use. Default: the final model if there is one, else the "
        "first.",
        least=1,
    )
    jobs: int | None = option(
        None, "Sources that are looked at side by side. Default: one a core.", least=1
    )
    engine: Engine = again(EvaluateOptions, "engine")
    device: str = again(EvaluateOptions, "device")
    precision: ScoringPrecision = again(EvaluateOptions, "precision")
    cluster: str | None = option(None, CLUSTER_HELP)
    look: LookOptions = field(default_factory=LookOptions)

    def __post_init__(self) -> None:
        """Refuse what nothing could be looked at with."""
        check_options(self)
        check_cluster(self.cluster)


@dataclass(frozen=True, kw_only=True)
class FeatureOptions:
    """Which windows of sources are looked at, and what computes their features."""

    split: int | None = again(PredictOptions, "split")
    rate: float = again(LookOptions, "rate")
    seconds: float | None = again(LookOptions, "seconds")
    timeout: float = again(LookOptions, "timeout")
    engine: Engine = again(EvaluateOptions, "engine")
    device: str = again(EvaluateOptions, "device")
    precision: AskedPrecision = option(
        "auto",
        "Numbers of products: `float32` (which `auto` is, on every machine), `bf16` or `fp16`: faster "
        "where a processor has them, and the vectors differ in the second or third digit.",
        earlier_values={"mixed": "bf16"},
    )
    cluster: str | None = again(PredictOptions, "cluster")

    def __post_init__(self) -> None:
        """Refuse what nothing could be looked at with."""
        check_options(self)
        check_cluster(self.cluster)

    @property
    def look(self) -> LookOptions:
        """The same for whoever looks at sources."""
        return LookOptions(rate=self.rate, seconds=self.seconds, timeout=self.timeout)
