"""What a finished run was asked and has answered, so that `run` need not score and draw the same again.

A hidden file in the run folder holds by what its results were made (options, clips, versions, devices) and
size and times of all files that scoring and the report read or wrote there. Where all of that is as it was,
the answer is in ``results.json`` already. `evaluate` and `report` do their work whatever it says.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from twostream.atomic import write_json
from twostream.fingerprints import fingerprint_of
from twostream.preparation.verified import stamp_of
from twostream.reporting import PAGE_NAME
from twostream.verbs.run_parts import RunJob

ANSWERED_NAME = ".answered.json"
FORMAT = 1
FILES = ("results.json", "results.csv", "analysis.json", PAGE_NAME)
FOLDERS = ("spatial", "temporal", "scores", "analysis", "report", "final")
# What training needs and no result is made of.
NOT_READ = ("checkpoints", "tensorboard")
# What `predict` keeps in a final model's folder.
THRESHOLD_NAME = "threshold.json"
# What the mean of several splits is made of, in the folder of each.
OF_SPLITS = ("split*/results.json", "split*/scores/*")
# Which accelerators there are, as far as the system tells without their libraries.
DEVICES = ("nvidia*", "kfd", "dxg", "dri/render*")
DEVICE_VARIABLES = (
    "CUDA_VISIBLE_DEVICES",
    "HIP_VISIBLE_DEVICES",
    "ZE_AFFINITY_MASK",
    "KERAS_TORCH_DEVICE",
)


def question_of(job: RunJob) -> dict[str, Any]:
    """What the results of a run on its prepared data depend on, as plain values.

    Devices and engines are told by what decides which of them are there; to ask PyTorch takes a second.
    """
    from twostream.datasets.manifest import PARQUET
    from twostream.environment import describe_environment
    from twostream.fingerprints import digest_of_file
    from twostream.preparation.record import read_preparation_record
    from twostream.verbs.settings import plain_settings

    data = job.data
    prepared = read_preparation_record(data)
    return {
        "settings": plain_settings(job),
        "data": str(data.resolve()),
        "prepared": {name: prepared.get(name) for name in ("dataset", "content")},
        "manifest": digest_of_file(str(data / PARQUET)),
        "environment": describe_environment(),
        "program": program_of(Path(__file__).parent.parent),
        "devices": sorted(str(path) for like in DEVICES for path in Path("/dev").glob(like)),
        "variables": {name: os.environ.get(name) for name in DEVICE_VARIABLES},
    }


def answer(run: Path, question: Mapping[str, Any]) -> dict[str, Any] | None:
    """The content of ``results.json`` where it answers the `question`; None where any file has changed."""
    try:
        kept = json.loads((run / ANSWERED_NAME).read_text(encoding="utf-8"))
        if kept != _content(run, question):
            return None
        results = json.loads((run / "results.json").read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError):
        return None
    return results if isinstance(results, dict) else None


def keep_answer(run: Path, question: Mapping[str, Any]) -> None:
    """Keep that the files of `run` answer the `question`."""
    write_json(run / ANSWERED_NAME, _content(run, question))


def _content(run: Path, question: Mapping[str, Any]) -> dict[str, Any]:
    stamps = {path.relative_to(run).as_posix(): stamp_of(path) for path in _files(run)}
    files = {name: list(stamp) for name, stamp in sorted(stamps.items()) if stamp is not None}
    return {"format": FORMAT, "question": question, "files": files}


def _files(run: Path) -> Iterator[Path]:
    yield from (run / name for name in FILES)
    for like in OF_SPLITS:
        yield from run.glob(like)
    for name in FOLDERS:
        for place, folders, files in os.walk(run / name):
            folders[:] = [folder for folder in folders if folder not in NOT_READ]
            yield from (Path(place) / file for file in files if file != THRESHOLD_NAME)


def program_of(package: Path) -> str:
    """A fingerprint of the files of a program, which may change while its version stays.

    What Python and Numba keep in ``__pycache__`` is left out: it comes whenever something is first used.
    """
    files = sorted(
        path for path in package.rglob("*") if path.is_file() and "__pycache__" not in path.parts
    )
    stamps = [(path.relative_to(package).as_posix(), stamp_of(path)) for path in files]
    return fingerprint_of({"files": stamps})
