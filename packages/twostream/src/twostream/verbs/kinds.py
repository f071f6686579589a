"""A folder holds a data set or a run, never both: either may be replaced as a whole."""

from __future__ import annotations

from pathlib import Path

from twostream.errors import TwostreamError


def refuse_data_folder(out: Path) -> None:
    """Raise TwostreamError where a run is to go into a prepared data set, or below one."""
    from twostream.datasets.manifest import PARQUET
    from twostream.preparation.record import RECORD_NAME

    for folder in (out, *out.absolute().parents):
        if all((folder / name).is_file() for name in (PARQUET, RECORD_NAME)):
            raise TwostreamError(
                out,
                expected="a folder for a run",
                found="a prepared data set"
                if folder == out
                else f"a place inside a prepared data set ({folder})",
                remedy="choose another --out; the data set is named with --data or as DATA",
            )


def refuse_run_folder(out: Path) -> None:
    """Raise TwostreamError where a data set is to go where a run is."""
    from twostream.evaluation.split_results import is_trained, trained_splits

    if is_trained(out) or trained_splits(out):
        raise TwostreamError(
            out,
            expected="a folder for a data set",
            found="a run",
            remedy=f"choose another --out, such as {out / 'data'}",
        )
