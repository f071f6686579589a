"""The verb `prepare`: from a folder of videos to frames and flow, ready for training."""

from __future__ import annotations

from dataclasses import replace as with_values
from pathlib import Path

from twostream.paths import OutputFolder, SourcePath
from twostream.preparation.options import PrepareOptions
from twostream.preparation.outcome import Preparation
from twostream.verbs.flags import takes_flags
from twostream.verbs.paths import checks_paths


@takes_flags(PrepareOptions)
@checks_paths
def prepare(
    source: SourcePath,
    *,
    out: OutputFolder,
    options: PrepareOptions,
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
        folders; or a CSV or Parquet table with the columns `path` and `label`, and where they are wanted
        `split`, `group`, `subject`, `start_seconds` and `end_seconds`, `crop`; or frames, with or
        without their flow, in folders or ZIP archives; or labels of BORIS, ELAN, CVAT, Label Studio, VIA
        and others, a file or a folder (--videos).
    out
        Folder for the prepared data set.
    replace
        Replace a data set that other options made: when the new one is whole, and not before.
    dry_run
        Say what would be done, how long it takes and what room, from a few clips; write nothing.
    """
    from twostream.events import made
    from twostream.preparation.plan import plan_dataset
    from twostream.verbs.kinds import refuse_run_folder
    from twostream.verbs.results import Planned

    source, out = Path(source), Path(out)
    refuse_run_folder(out)
    if not dry_run:
        return prepare_and_tell(source, out, options, replace=replace)
    plan = plan_dataset(source, out, options, replace_other=replace)
    made(Planned(plan, out))
    _refuse_problems(len(plan.problems), source, options, see="see above")
    return plan.as_preparation()


def prepare_and_tell(
    source: Path,
    out: Path,
    options: PrepareOptions,
    *,
    replace: bool = False,
    elsewhere: Path | None = None,
    trusting: bool = False,
) -> Preparation:
    """Prepare and tell what came of it; the arguments are those of `prepare_dataset`."""
    from twostream.events import made
    from twostream.preparation.dataset import prepare_dataset
    from twostream.verbs.kinds import refuse_run_folder

    refuse_run_folder(out)
    preparation = prepare_dataset(
        source, out, options, replace_other=replace, elsewhere=elsewhere, trusting=trusting
    )
    preparation = made(with_values(preparation, folder=out))
    see = f"see {out / 'problems.csv'}"
    _refuse_problems(len(preparation.problems), source, options, see=see)
    return preparation


def _refuse_problems(count: int, source: Path, options: PrepareOptions, *, see: str) -> None:
    from twostream.datasets.names import counted
    from twostream.errors import TwostreamError

    if options.strict and count:
        raise TwostreamError(
            source,
            expected="nothing to complain of (--strict)",
            found=counted(count, "problem"),
            remedy=see,
        )
