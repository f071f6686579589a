"""The trained streams of a run, and where the clips are that they were trained on."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from twostream.datasets.manifest import Manifest
from twostream.errors import TwostreamError
from twostream.training.record import RECORD_NAME, TrainingRecord, read_record


def trained_streams(
    run: Path, streams: Sequence[str] = ("spatial", "temporal")
) -> dict[str, TrainingRecord]:
    """The finished trainings of a run, spatial first; raises TwostreamError where there is none."""
    found = {
        stream: read_record(run / stream)
        for stream in ("spatial", "temporal")
        if stream in streams and (run / stream / RECORD_NAME).is_file()
    }
    if not found:
        raise TwostreamError(
            run,
            expected="a run with a trained stream",
            found="none" if run.is_dir() else "no such folder",
            remedy="run `twostream train spatial DATA --out RUN` first",
        )
    return found


def data_folder(run: Path, record: TrainingRecord) -> Path:
    """Where the run's prepared clips are: in the run itself, or as recorded by the training.

    Raises TwostreamError where they are in neither place.
    """
    inside, recorded = run / "data", Path(record.data)
    if inside.is_dir():
        return inside
    if not recorded.is_dir():
        raise TwostreamError(
            recorded,
            expected="the prepared clips that the run was trained on",
            found="no such folder",
            remedy="say with --data where they are now",
        )
    return recorded


def check_agreement(run: Path, records: dict[str, TrainingRecord], manifest: Manifest) -> None:
    """Raise TwostreamError unless the streams belong to the data and to each other."""
    for stream, record in records.items():
        if record.classes != manifest.classes:
            raise TwostreamError(
                run / stream,
                expected=f"a stream trained on the {len(manifest.classes)} classes of the data",
                found=f"one trained on {len(record.classes)} or other classes",
                remedy="train it again on this data",
            )
    kinds = {
        (record.split, record.content, str(record.options.get("stack_length")))
        for record in records.values()
    }
    if len(kinds) > 1:
        raise TwostreamError(
            run,
            expected="two streams of the same data, split and stack length",
            found=" and ".join(
                f"split {split} of data {content[:8]}, stacks of {length}"
                for split, content, length in sorted(kinds)
            ),
            remedy="train both streams alike",
        )
