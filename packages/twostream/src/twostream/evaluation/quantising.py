"""A run's networks in 8-bit integers, quantised by samples of the clips that they learnt from.

Test clips are never looked at, nor those that validated: what chooses ranges would choose them to suit.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from twostream.datasets.manifest import ManifestRow, read_manifest
from twostream.errors import TwostreamError
from twostream.evaluation.trained import data_folder
from twostream.events import say
from twostream.models.files import file_digest
from twostream.models.int8 import Calibration, calibration_of, folder_of, quantise, require_nncf
from twostream.progress import Progress
from twostream.training.learnt_clips import own_parts
from twostream.training.partition import TRAINING
from twostream.training.place import MODEL_NAME
from twostream.training.randomness import random_stream
from twostream.training.record import TrainingRecord, read_record
from twostream.training.samples import DataSetClips, Pixels, clip_samples
from twostream.transforms.preprocessing import load_preprocessing

# NNCF's own number; more of a clip where there are fewer clips, but no more than a test looks at.
SAMPLES, MOST_OF_A_CLIP = 300, 25
SEED = 0


def keep_int8(run: Path, streams: Iterable[str], *, data: Path | None = None) -> None:
    """See that each of the streams of a run has its network in int8: the one that is kept, or a new one.

    `data` says where the prepared clips are, if they were moved since training. Raises TwostreamError
    where one has to be made and NNCF is not installed, or the training clips are not at hand.
    """
    for stream in streams:
        model = run / stream / MODEL_NAME
        kept = calibration_of(model)
        if kept is None:
            kept = _made(run / stream, data)
        say(f"{stream}: in int8, {kept.text()}; kept in {folder_of(model)}")


def _made(folder: Path, data: Path | None) -> Calibration:
    samples, told = calibration(folder, data)
    seen = load_preprocessing(folder / "preprocessing.json")
    quantise(folder / MODEL_NAME, samples, told, any_size=seen.view == "full")
    return told


def calibration(folder: Path, data: Path | None) -> tuple[list[Pixels], Calibration]:
    """The samples (1, S, S, C) by which the network of a stream becomes int8, and what is said of them.

    Raises TwostreamError where NNCF is not installed, or the training clips are not at hand.
    """
    require_nncf()
    rows, place = training_clips(folder, data)
    seen = load_preprocessing(folder / "preprocessing.json")
    chosen = calibration_clips(rows)
    of_each = min(MOST_OF_A_CLIP, -(-SAMPLES // len(chosen)))
    source, samples = DataSetClips(place), list[Pixels]()
    with Progress(f"int8 {folder.name}", total=len(chosen)) as progress:
        for row in chosen:
            of_clip = clip_samples(row, source=source, preprocessing=seen, samples=of_each)
            samples += [sample[None] for sample in of_clip]
            progress.advance()
    told = Calibration(
        clips=tuple(row.clip_id for row in chosen),
        samples=len(samples),
        seed=SEED,
        network=file_digest(folder / MODEL_NAME) or "",
    )
    return samples, told


def calibration_clips(rows: Sequence[ManifestRow]) -> list[ManifestRow]:
    """Up to as many clips as samples are wanted, drawn from all; in the order of the manifest."""
    order = random_stream("calibration", seed=SEED).permutation(len(rows))
    return [rows[k] for k in sorted(order[:SAMPLES])]


def training_place(folder: Path, data: Path | None) -> tuple[TrainingRecord, Path]:
    """What is recorded of a stream's training, and the folder that has its clips.

    Raises TwostreamError where these are not at hand.
    """
    record = read_record(folder)
    return record, data or data_folder(folder.parent, record)


def training_clips(folder: Path, data: Path | None) -> tuple[list[ManifestRow], Path]:
    """The clips that a stream learnt from, and the folder that has them; raises TwostreamError for none."""
    try:
        record, place = training_place(folder, data)
        manifest = read_manifest(place)
    except TwostreamError as error:
        raise TwostreamError(
            folder,
            expected="the clips that it learnt from, by which its network becomes int8",
            found=error.found,
            remedy="run `twostream evaluate RUN --precision int8` where they are, or use --precision "
            "float32 or bf16",
        ) from error
    return list(learnt_from(folder, manifest.part(record.split, "train"))), place


def learnt_from(folder: Path, rows: Iterable[ManifestRow]) -> Iterator[ManifestRow]:
    """Yield those of the training part that trained, and did not validate."""
    parts = own_parts(folder)  # empty of a run of the first version
    for row in rows:
        if parts.get(row.clip_id, TRAINING) == TRAINING:
            yield row
