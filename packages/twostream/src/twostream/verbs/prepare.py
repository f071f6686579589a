"""The verb `prepare`: from a folder of videos to frames and flow, ready for training."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from twostream.paths import path_or_none
from twostream.preparation.outcome import Preparation
from twostream.verbs.paths import InputPath, OutputPath, SourcePath, checks_paths

if TYPE_CHECKING:
    from twostream.preparation.options import ExtractionOptions


@checks_paths
def prepare(
    source: SourcePath,
    *,
    out: OutputPath,
    annotations: InputPath | None = None,
    classes: str | None = None,
    limit: int | None = None,
    flow: Literal["tvl1", "dis", "farneback", "tvl1-opencv"] = "tvl1",
    flow_preset: Literal["exact", "fast"] = "exact",
    bound: float = 20.0,
    short_side: int | None = None,
    step: int = 1,
    fps: float | None = None,
    workers: int | None = None,
    layout: Literal["archive", "rawframes"] = "archive",
    name: str | None = None,
    seed: int = 0,
    timeout: float = 3600.0,
    strict: bool = False,
    replace: bool = False,
    dry_run: bool = False,
) -> Preparation:
    """Extract frames and optical flow of every clip, and write the manifest with its splits.

    A second call redoes only what is missing or changed; one with other options is refused, unless
    told to `replace`. Broken clips are listed in
    OUT/problems.csv and the rest goes on.

    Parameters
    ----------
    source
        Folder with one folder of videos for each class; or with train, val and test folders of such
        folders; or a CSV or Parquet table `path,label[,split][,group][,start_seconds,end_seconds]`; or
        classic frames and flows, ready in folders or ZIP archives.
    out
        Folder for the prepared data set.
    annotations
        Folder of the official HMDB-51 (`<class>_test_split1.txt` …) or UCF-101 (`trainlist01.txt` …)
        lists. Without it: a random 70/30 split that keeps clips of one source video together.
    classes
        Comma-separated names of the only classes to use. Default: all.
    limit
        Use at most that many clips, evenly over the classes.
    flow
        Optical flow: `tvl1` is the field's standard (`tvl1-opencv`: OpenCV's own, slow), `dis` the fastest.
    flow_preset
        For tvl1: `exact`, or the faster `fast`.
    bound
        Largest motion kept, in pixels per step; stored as 127 codes on either side of zero.
    short_side
        Stored size of the short side in pixels; never enlarges. Default: 256, or less if native is.
    step
        Use every step-th frame.
    fps
        Use the frames nearest to so many moments a second; none twice. Default: all, as recorded.
    workers
        Processes at work. Default: one a core.
    layout
        `archive`: one file a clip. `rawframes`: classic folders of JPEGs.
    name
        Name of the data set in results. Default: hmdb51 or ucf101 by its annotations, else the folder's.
    seed
        Seed of the random split.
    timeout
        Seconds without a new frame after which a clip is given up.
    strict
        End with status 2, after all else is done, where anything is in problems.csv, warnings too.
    replace
        Replace a data set that other options made: when the new one is whole, and not before.
    dry_run
        Say what would be done, how long it takes and what room, from a few clips; write nothing.
    """
    source, out, annotations = Path(source), Path(out), path_or_none(annotations)
    return prepare_with(dict(locals()))


def prepare_with(
    settings: Mapping[str, Any], *, elsewhere: Path | None = None, trusting: bool = False
) -> Preparation:
    """`prepare` with its settings by name; `elsewhere` and `trusting` as for `prepare_dataset`."""
    from twostream.datasets.names import counted
    from twostream.datasets.selection import Selection, parse_classes
    from twostream.errors import TwostreamError
    from twostream.preparation.dataset import prepare_dataset
    from twostream.preparation.plan import plan_dataset
    from twostream.verbs.kinds import refuse_run_folder
    from twostream.verbs.printing import print_plan, print_preparation

    source, out, dry_run = settings["source"], settings["out"], settings["dry_run"]
    refuse_run_folder(out)
    selection = Selection(classes=parse_classes(settings["classes"]), limit=settings["limit"])
    options = extraction_options(settings)
    if dry_run:
        plan = plan_dataset(
            source,
            out,
            annotations=settings["annotations"],
            options=options,
            workers=settings["workers"],
            seed=settings["seed"],
            name=settings["name"],
            selection=selection,
            replace_other=settings["replace"],
        )
        print_plan(plan, out)
        preparation = Preparation(
            dataset=plan.dataset,
            clips=plan.clips,
            reused=plan.there,
            frames=plan.estimate.frames if plan.estimate else 0,
            problems=plan.problems,
            notes=plan.notes,
        )
    else:
        preparation = prepare_dataset(
            source,
            out,
            annotations=settings["annotations"],
            options=options,
            workers=settings["workers"],
            seed=settings["seed"],
            timeout_seconds=settings["timeout"],
            name=settings["name"],
            selection=selection,
            replace_other=settings["replace"],
            elsewhere=elsewhere,
            trusting=trusting,
        )
        print_preparation(preparation, out)
    if settings["strict"] and preparation.problems:
        raise TwostreamError(
            source,
            expected="nothing to complain of (--strict)",
            found=counted(len(preparation.problems), "problem"),
            remedy="see above" if dry_run else f"see {out / 'problems.csv'}",
        )
    return preparation


def extraction_options(settings: Mapping[str, Any]) -> ExtractionOptions:
    """Those of the settings of `prepare` (or `run`) that decide the pixels of a stored clip."""
    from twostream.preparation.options import ExtractionOptions

    return ExtractionOptions(
        flow=settings["flow"],
        flow_preset=settings["flow_preset"],
        bound_px=settings["bound"],
        short_side_px=settings["short_side"],
        step=settings["step"],
        fps=settings["fps"],
        layout=settings["layout"],
    )
