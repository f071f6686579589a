"""The final model of a run: trained on all clips, so that none is left to test it on.

It lies in ``RUN/final``. What says how well it recognises is what the splits of the run measured with
networks that were trained in the same way on fewer clips; that is kept beside it in ``accuracy.json``,
which is written when all of it is there.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from twostream.atomic import write_json
from twostream.datasets.manifest import ALL_CLIPS
from twostream.datasets.names import counted
from twostream.errors import TwostreamError
from twostream.formats import LaterFormatError, check_format
from twostream.training.record import RECORD_NAME, TrainingRecord, read_record

FOLDER_NAME = "final"
ACCURACY_NAME = "accuracy.json"
FORMAT = 1
STREAMS = ("spatial", "temporal")


def final_folder(run: Path) -> Path:
    """Where a run keeps the final model.

    >>> final_folder(Path("run")).as_posix()
    'run/final'
    """
    return run / FOLDER_NAME


def final_records(run: Path) -> dict[str, TrainingRecord]:
    """The finished trainings of the final model of `run`, by stream; empty where there is none."""
    folder = final_folder(run)
    return {
        stream: read_record(folder / stream)
        for stream in STREAMS
        if (folder / stream / RECORD_NAME).is_file()
    }


def refuse_final(run: Path, *, purpose: str) -> None:
    """Raise TwostreamError where `run` is itself the folder of a final model, which has no test part."""
    for stream in STREAMS:
        if (run / stream / RECORD_NAME).is_file() and read_record(run / stream).split == ALL_CLIPS:
            raise TwostreamError(
                run,
                expected=f"a run with a test part to {purpose}",
                found="a final model, which was trained on all clips",
                remedy=f"its accuracy is that of the splits: {ACCURACY_NAME}, and the folder above",
            )


def has_final(run: Path) -> bool:
    """Whether a run has a final model, all of it finished."""
    return (final_folder(run) / ACCURACY_NAME).is_file() and bool(final_records(run))


def folder_for_use(run: Path) -> Path:
    """Where the networks are that look at new videos: those of the final model, where there is one.

    What is tested must not be: the final model has learnt from every test clip.
    """
    return final_folder(run) if has_final(run) else run


def accuracy_content(
    measured: Mapping[str, Any], records: Mapping[str, TrainingRecord]
) -> dict[str, Any]:
    """What is kept beside a final model: what `measured` says, of the shape of one split's results."""
    n_train = next(iter(records.values())).n_train
    return {
        "of": str(measured["split"]),
        "meaning": meaning(measured["split"], n_train=n_train),
        "n_train": n_train,
        **{
            name: measured[name]
            for name in ("dataset", "n_test", "source_videos", "classes", "protocols")
            if name in measured
        },
    }


def meaning(split: int | str, *, n_train: int) -> str:
    """Whose accuracies they are, in a sentence; `split` is its number, or text about several.

    >>> meaning(1, n_train=20).partition(":")[0]
    'the accuracies are those of split 1, not of the final model'
    """
    whose = f"split {split}" if str(split).isdecimal() else "the splits"
    return (
        f"the accuracies are those of {whose}, not of the final model: it was trained on all "
        f"{counted(n_train, 'clip')}, so none is left to test it on; the networks of {whose} were trained "
        "in the same way on fewer"
    )


def write_accuracy(folder: Path, content: Mapping[str, Any]) -> None:
    """Write ``accuracy.json`` into the folder of a final model, or of a bundle of one."""
    write_json(folder / ACCURACY_NAME, {"format": FORMAT, **content})


def read_accuracy(folder: Path) -> dict[str, Any] | None:
    """What `write_accuracy` wrote, without its format; None where there is nothing.

    Raises TwostreamError where it is damaged, LaterFormatError where a later version wrote it.
    """
    path = folder / ACCURACY_NAME
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        if not isinstance(content, dict) or "meaning" not in content:
            raise ValueError("something else")
        check_format(content, known=FORMAT, subject=path)
    except FileNotFoundError:
        return None
    except LaterFormatError:
        raise
    except (OSError, ValueError) as error:
        raise _damaged(path, str(error)) from error
    return {name: value for name, value in content.items() if name != "format"}


def _damaged(path: Path, found: str) -> TwostreamError:
    return TwostreamError(
        path,
        expected="the accuracy that a final model carries",
        found=found,
        remedy="run `twostream evaluate` on the run again, or remove the file",
    )
