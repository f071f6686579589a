"""What `run` can be told: the options of all that it does, and a few of its own."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import Annotated

from twostream.choices import Stream, Streams
from twostream.evaluation.options import EvaluateOptions
from twostream.options import check_options, option
from twostream.paths import WRITTEN
from twostream.preparation.options import PrepareOptions
from twostream.training.options import TrainingOptions

STREAMS: tuple[Stream, ...] = ("spatial", "temporal")


@dataclass(frozen=True, kw_only=True)
class RunOptions:
    """How a folder of videos becomes a report."""

    data: Annotated[Path | None, WRITTEN] = option(
        None, "Folder for the prepared data set, to share it among runs. Default: OUT/data."
    )
    streams: Streams = option("both", "Which streams to train.")
    split: int = option(1, "Number of the split.", least=1)
    splits: str | None = option(
        None,
        "Several splits instead, comma-separated, such as `1,2,3`: each is trained, evaluated and reported "
        "in `OUT/split<N>`, and OUT/results.json holds all of them and their mean.",
    )
    prepare: PrepareOptions = field(default_factory=PrepareOptions)
    spatial: TrainingOptions = field(default_factory=TrainingOptions)
    temporal: TrainingOptions = field(default_factory=partial(TrainingOptions, stream="temporal"))
    evaluate: EvaluateOptions = field(default_factory=EvaluateOptions)

    def __post_init__(self) -> None:
        """Refuse what nothing could be run with."""
        from twostream.evaluation.split_results import parse_splits

        check_options(self)
        if self.splits is not None:
            parse_splits(self.splits)

    @property
    def trainings(self) -> tuple[TrainingOptions, ...]:
        """The options of the streams that are to be trained, the spatial one first."""
        both = (self.spatial, self.temporal)
        return tuple(one for one in both if self.streams in (one.stream, "both"))

    def of_split(self, number: int) -> RunOptions:
        """The same for one of its splits."""
        return replace(
            self,
            split=number,
            splits=None,
            spatial=replace(self.spatial, split=number),
            temporal=replace(self.temporal, split=number),
        )
