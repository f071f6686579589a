"""What `run` can be told: the options of all that it does, and a few of its own."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import Annotated

from twostream.choices import Stream, Streams
from twostream.datasets.manifest import ALL_CLIPS
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
    split: int | None = option(
        None, "Number of the split. Default: 1; of `--folds` and `--leave-out` all.", least=0
    )
    splits: str | None = option(
        None,
        "Several splits instead, comma-separated, such as `1,2,3`, or `all`: each is trained, evaluated "
        "and reported in `OUT/split<N>`, and OUT/results.json holds all of them, their mean and, of folds, "
        "the accuracy over all clips together.",
    )
    final: bool = option(
        False,
        "After the splits, train on all clips too, in `OUT/final`: the networks to use. No clip is left to "
        "test these on; they carry the accuracy of the splits.",
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
    def several(self) -> str | None:
        """The splits, where it is several: those asked for, else all of folds; None for a single one."""
        from twostream.evaluation.split_results import ALL

        if self.splits is not None:
            return self.splits
        return ALL if self.split is None and self.prepare.drawn_folds is not None else None

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
            final=False,
            spatial=replace(self.spatial, split=number),
            temporal=replace(self.temporal, split=number),
        )

    def of_all_clips(self) -> RunOptions:
        """The same for the final model: nothing is held out, and the last checkpoint is used."""
        everything = self.of_split(ALL_CLIPS)
        return replace(
            everything,
            spatial=replace(everything.spatial, validation_fraction=0.0),
            temporal=replace(everything.temporal, validation_fraction=0.0),
        )
