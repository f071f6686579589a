"""`training.json`: what a stream was trained on, how, and what was selected on what."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any

from twostream.atomic import write_json
from twostream.errors import TwostreamError
from twostream.formats import LaterFormatError, check_format
from twostream.notebook import html_table

# Of a stream of several labels at once, which earlier versions would take for classes.
FORMAT = 2
FORMAT_OF_CLASSES = 1
RECORD_NAME = "training.json"
CIRCUMSTANCES_NAME = "circumstances.txt"  # there from the beginning of a training on


@dataclass(frozen=True, kw_only=True)
class TrainingRecord:
    """Facts of a finished training; `fingerprint` names options and clips together.

    `made_of` says what the fingerprint was made of (see `MadeOf.to_dict`); None in what version 0.1 wrote.
    `compute` names the device that finished the training and the type of numbers of its steps (see
    `Compute.to_dict`); None where the version that trained did not tell. With `multi_label` each of the
    `classes` is a label that holds or not, whatever others do.
    """

    stream: str
    data: str
    content: str
    split: int
    classes: tuple[str, ...]
    backbone: str
    weights: str | None
    n_train: int
    n_validation: int
    selection: str
    selected_epoch: int
    options: dict[str, Any]
    environment: dict[str, str]
    duration_seconds: float
    fingerprint: str
    made_of: dict[str, Any] | None = None
    compute: dict[str, str] | None = None
    multi_label: bool = False
    format: int = FORMAT_OF_CLASSES

    @property
    def flow_input(self) -> str:
        """How the network sees flow: as a stack, unless a later version's options say otherwise."""
        return str(self.options.get("flow_input") or "stack")

    def to_dict(self) -> dict[str, Any]:
        """Plain values, for JSON."""
        return asdict(self)

    def _repr_html_(self) -> str:
        shown = ("backbone", "n_train", "n_validation", "selected_epoch", "selection", "split")
        rows = [{"name": name, "value": getattr(self, name)} for name in shown]
        return html_table(f"Training of the {self.stream} stream", rows)


def write_record(folder: Path, record: TrainingRecord) -> None:
    """Write ``training.json`` into a stream's folder: from then on the training is finished."""
    number = FORMAT if record.multi_label else FORMAT_OF_CLASSES
    write_json(folder / RECORD_NAME, {**asdict(record), "format": number})


def read_record(folder: Path) -> TrainingRecord:
    """Read ``training.json``; raises TwostreamError where it is missing or damaged.

    LaterFormatError where a later version wrote it in a way that this one would misread.
    """
    path = folder / RECORD_NAME
    try:
        values = json.loads(path.read_text(encoding="utf-8"))
        check_format(values, known=FORMAT, subject=path)
        known = {item.name for item in fields(TrainingRecord)}
        values = {name: value for name, value in values.items() if name in known}
        return TrainingRecord(**{**values, "classes": tuple(values["classes"])})
    except FileNotFoundError as error:
        raise TwostreamError(
            folder,
            expected="a trained stream",
            found=f"no {RECORD_NAME}",
            remedy="run `twostream train` first, to its end",
        ) from error
    except LaterFormatError:
        raise
    except (OSError, ValueError, TypeError, KeyError, AttributeError) as error:
        raise TwostreamError(
            path,
            expected="what `twostream train` wrote",
            found=f"something else ({error})",
            remedy="train the stream again",
        ) from error
