"""The trained streams of a run, and where the clips are that they were trained on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from twostream.datasets.manifest import Manifest
from twostream.errors import TwostreamError
from twostream.preparation.record import read_preparation_record
from twostream.training.learnt_clips import check_unseen, read_learnt
from twostream.training.record import (
    CIRCUMSTANCES_NAME,
    RECORD_NAME,
    TrainingRecord,
    read_record,
)


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
            expected=f"a run with a trained {' or '.join(streams)} stream",
            found=_what_is_there(run, streams),
            remedy=f"run `twostream train {streams[0]} DATA --out {run}` to its end first",
        )
    return found


def _what_is_there(run: Path, streams: Sequence[str]) -> str:
    if not run.is_dir():
        return "no such folder"
    begun = [stream for stream in streams if was_begun(run, stream)]
    return f"{' and '.join(begun)} begun but not finished" if begun else "none"


def was_begun(run: Path, stream: str) -> bool:
    """Whether a training of this stream was begun, whether finished or not."""
    return (run / stream / CIRCUMSTANCES_NAME).is_file()


def trained_anew(run: Path, results: Mapping[str, Any]) -> list[str]:
    """The streams of ``results.json`` that were trained again since."""
    anew = []
    for stream, fingerprint in (results.get("trainings") or {}).items():
        finished = (run / stream / RECORD_NAME).is_file()
        if finished and read_record(run / stream).fingerprint != fingerprint:
            anew.append(stream)
    return anew


def prepared_anew(run: Path, data: Path, streams: Sequence[str]) -> list[str]:
    """Those of the `streams` of a run that were trained on other stored clips than those in `data` now.

    Other videos, or the same with another bound of flow, size or frame step: what the network was made for
    is not what it would be shown.
    """
    now = str(read_preparation_record(data).get("content"))
    return [
        stream for stream, record in trained_streams(run, streams).items() if record.content != now
    ]


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
    """Raise TwostreamError unless the streams belong to the data and to each other.

    Also where a test clip is among those that a stream has learnt from: the splits of the data may have
    been made anew since, with another seed, say.
    """
    for stream, record in records.items():
        if record.classes != manifest.classes:
            raise TwostreamError(
                run / stream,
                expected=f"a stream trained on the {len(manifest.classes)} classes of the data",
                found=f"one trained on {len(record.classes)} or other classes",
                remedy="train it again on this data",
            )
        check_unseen(
            run / stream,
            read_learnt(run / stream),
            manifest,
            split=record.split,
            remedy="train it again: the splits of the data are others now",
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
