"""What `prepare` would do, without doing it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from twostream.datasets.clips import Problem
from twostream.environment import available_cores
from twostream.preparation.clip_tasks import clip_tasks
from twostream.preparation.crops import refuse_crops_outside
from twostream.preparation.ends import segments_past_the_end
from twostream.preparation.estimate import Estimate, estimate, pending
from twostream.preparation.in_the_way import in_the_way, refuse
from twostream.preparation.kept_sides import load_for
from twostream.preparation.options import PrepareOptions
from twostream.preparation.outcome import Preparation
from twostream.preparation.ready_frames import has_ready_flow, refuse_options
from twostream.preparation.record import preparation_settings
from twostream.staging import stage_of


@dataclass(frozen=True)
class Plan:
    """What `prepare` would do: `clips` in all, of which `there` are stored, and what the rest takes."""

    dataset: str
    classes: int
    clips: int
    there: int
    estimate: Estimate | None
    problems: tuple[Problem, ...]
    notes: tuple[str, ...]

    def as_preparation(self) -> Preparation:
        """The plan in the form of what is done: clips and frames as they would be."""
        return Preparation(
            dataset=self.dataset,
            clips=self.clips,
            reused=self.there,
            frames=self.estimate.frames if self.estimate else 0,
            problems=self.problems,
            notes=self.notes,
        )


def plan_dataset(
    source: Path,
    out: Path,
    options: PrepareOptions,
    *,
    replace_other: bool = False,
) -> Plan:
    """Look at `source` and `out` and write nothing; raises TwostreamError as `prepare_dataset` does.

    Where other options made what is in `out`, what would be made beside it is counted as missing.
    Clips that are there count as done, although `prepare_dataset` makes again what it finds damaged
    or out of date.
    """
    dataset = load_for(source, out, options)
    if has_ready_flow(dataset):
        refuse_options(options.extraction)
    cores = options.workers or available_cores()
    settings = preparation_settings(dataset, source, options)
    found = in_the_way(dataset, out, settings)
    if found and not replace_other:
        raise refuse(out, found)
    tasks = clip_tasks(dataset, stage_of(out) if found else out, options=options.extraction)
    refuse_crops_outside(tasks)
    missing = pending(tasks)
    if missing and options.extraction.flow == "tvl1":
        from twostream.flow import compile_tvl1

        compile_tvl1()
    return Plan(
        dataset=options.name or dataset.name,
        classes=len(dataset.classes),
        clips=len(tasks),
        there=sum(task.target.exists() for task in tasks),
        estimate=estimate(missing, out=out, workers=cores),
        problems=(*dataset.problems, *segments_past_the_end(dataset.clips)),
        notes=dataset.notes,
    )
