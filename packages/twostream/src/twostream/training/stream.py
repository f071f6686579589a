"""Training one stream: partition, head on cached features, all layers, the selected model."""

from __future__ import annotations

import hashlib
import time
import warnings
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from twostream.atomic import atomic_path
from twostream.datasets.manifest import Manifest, read_manifest
from twostream.environment import describe_environment
from twostream.errors import TwostreamError, TwostreamWarning
from twostream.models.backend import prepare_keras
from twostream.preparation.record import read_preparation_record
from twostream.training.averaging import use_averaged_weights
from twostream.training.checkpoints import BEST_NAME, LAST_NAME, load_checkpoint, save_checkpoint
from twostream.training.checks import check_start
from twostream.training.course import check_course
from twostream.training.fit import FitPlan, fit
from twostream.training.history import log_to_tensorboard, read_history
from twostream.training.learnt_clips import CLIPS_NAME, write_parts
from twostream.training.options import TrainingOptions
from twostream.training.partition import Partition, partition_training_part
from twostream.training.record import (
    CIRCUMSTANCES_NAME,
    RECORD_NAME,
    TrainingRecord,
    read_record,
    write_record,
)
from twostream.training.samples import ClipSource
from twostream.training.start import Start, build_start
from twostream.training.targets import class_weights
from twostream.transforms.preprocessing import Preprocessing

AVERAGED_SHARE = 0.1  # of all steps, when weights are averaged
HISTORY_NAME = "history.csv"
STALE_FILES = (
    HISTORY_NAME,
    "features.npz",
    "validation_features.npz",
    "frame_scores.npz",
    "centre_scores.npz",
    "model.keras",
    CLIPS_NAME,
)


@dataclass(frozen=True)
class _Job:
    """What the steps of one training share."""

    options: TrainingOptions
    manifest: Manifest
    partition: Partition
    earlier_clips: Mapping[str, str]
    plan: FitPlan
    preprocessing: Preprocessing
    folder: Path
    fingerprint: str


def train_stream(data: Path, run: Path, *, options: TrainingOptions) -> TrainingRecord:
    """Train one stream on the prepared data set `data` into ``run/<stream>``.

    Goes on from the last checkpoint of an interrupted training with the same options and data; a
    finished one is returned as it is, and one with others is replaced, with a warning. With a
    pretrained backbone a head is trained first on features computed once, then all layers at a lower
    rate; from scratch, all layers from the start. Only the training part of the split is used. Raises
    TwostreamError for options or data that nothing can be trained with.
    """
    job = _job(data, run, options)
    if finished_with(job.folder, job.fingerprint):
        return read_record(job.folder)
    if job.options.epochs > 0 and is_same(job.folder, job.fingerprint):
        check_course(job.folder / "checkpoints")
    if _is_replaced(job):
        warnings.warn(
            f"{job.folder}: replaces a finished training with other options or data",
            TwostreamWarning,
            stacklevel=2,
        )
    started = time.monotonic()
    prepare_keras(seed=options.seed)
    start_or_resume(job.folder, job.fingerprint)
    spent_seconds = sum(epoch.duration_seconds for epoch in read_history(job.folder / HISTORY_NAME))
    job.preprocessing.save(job.folder / "preprocessing.json")
    selected_epoch, checkpoint = _train(job, ClipSource(data))
    averaged = options.average_weights and options.epochs > 0
    _save_for_use(checkpoint, job.folder / "model.keras", averaged=averaged)
    log_to_tensorboard(job.folder)
    record = TrainingRecord(
        stream=options.stream,
        data=str(data.resolve()),
        content=str(read_preparation_record(data).get("content")),
        split=options.split,
        classes=job.manifest.classes,
        backbone=_backbone(options),
        weights=options.earlier_model or options.weights,
        n_train=len(job.partition.training),
        n_validation=len(job.partition.validation),
        selection=job.partition.selection,
        selected_epoch=selected_epoch,
        options=options.to_dict(),
        environment=describe_environment(),
        duration_seconds=round(spent_seconds + time.monotonic() - started, 1),
        fingerprint=job.fingerprint,
    )
    write_parts(job.folder, job.partition, earlier=job.earlier_clips)
    write_record(job.folder, record)
    return record


def _is_replaced(job: _Job) -> bool:
    """Whether a finished training that is not known to be the same is in the way."""
    try:
        return read_record(job.folder).fingerprint != job.fingerprint
    except TwostreamError:
        return (job.folder / RECORD_NAME).is_file()


def _backbone(options: TrainingOptions) -> str:
    """The backbone that was trained, which with `from_run` is not the one of the options."""
    if options.from_run is None:
        return options.backbone
    try:
        return read_record(Path(options.from_run) / options.stream).backbone
    except TwostreamError:
        return str(options.earlier_model)


def _job(data: Path, run: Path, options: TrainingOptions) -> _Job:
    from twostream.training.features import fingerprint

    manifest = read_manifest(data)
    earlier_clips = check_start(options, manifest, run=run)
    partition = partition_training_part(
        manifest,
        split=options.split,
        fraction=options.validation_fraction,
        seed=options.seed,
        selects=options.epochs > 0,
    )
    preprocessing = Preprocessing(
        stream=options.stream, size_px=options.size_px, stack_length=options.stack_length
    )
    made_of = fingerprint(
        sorted(options.to_dict().items(), key=lambda item: item[0]),
        manifest.classes,
        partition.training,
        partition.validation,
        read_preparation_record(data).get("content"),
        [
            digest_of_file(path)
            for path in (options.backbone, options.weights, options.earlier_model)
        ],
    )
    plan = _plan(options, partition, n_classes=len(manifest.classes))
    return _Job(
        options=options,
        manifest=manifest,
        partition=partition,
        earlier_clips=earlier_clips,
        plan=plan,
        preprocessing=preprocessing,
        folder=run / options.stream,
        fingerprint=made_of,
    )


def _plan(options: TrainingOptions, partition: Partition, *, n_classes: int) -> FitPlan:
    """How all layers are trained; raises TwostreamError where no update would ever be made."""
    labels = [row.label for row in partition.training]
    plan = FitPlan(
        epochs=options.epochs,
        batch_size=options.batch_size,
        learning_rate=options.peak_rate,
        schedule=options.schedule,
        views=options.views,
        seed=options.seed,
        label_smoothing=options.label_smoothing,
        mixup=options.mixup,
        class_weights=class_weights(labels, n_classes=n_classes, kind=options.class_weights),
        precision=options.precision,
        patience=options.patience,
    )
    steps = plan.epochs * plan.steps_per_epoch(len(labels))
    if plan.epochs and steps < options.accumulation_steps:
        raise TwostreamError(
            "--accumulation-steps",
            expected=f"at most the {steps} steps of the whole training",
            found=f"{options.accumulation_steps}: the weights would stay as they are",
            remedy="lower it or raise --epochs",
        )
    return plan


def _train(job: _Job, source: ClipSource) -> tuple[int, Path]:
    """Both phases; returns the selected epoch and the checkpoint of the selected model."""
    options, folder = job.options, job.folder
    checkpoints = folder / "checkpoints"
    plan, n_classes = job.plan, len(job.manifest.classes)
    total_steps = options.epochs * plan.steps_per_epoch(len(job.partition.training))
    averaged_steps = max(2, int(total_steps * AVERAGED_SHARE))

    def start() -> Any:
        how = Start(
            options,
            job.partition,
            job.preprocessing,
            source,
            folder,
            job.fingerprint,
            averaged_steps=averaged_steps,
        )
        return build_start(how, n_classes=n_classes, class_weights=plan.class_weights)

    if options.epochs == 0:
        save_checkpoint(start(), checkpoints / LAST_NAME)
        return 0, checkpoints / LAST_NAME
    selected = fit(
        start,
        job.partition,
        plan=plan,
        source=source,
        preprocessing=job.preprocessing,
        folder=folder,
        label=f"train {options.stream}",
    )
    return selected, checkpoints / (BEST_NAME if job.partition.validation else LAST_NAME)


def digest_of_file(name: str | None) -> str | None:
    """SHA-256 of the file that `name` names; None where it names none (a network, ``imagenet``)."""
    if name is None or not Path(name).is_file():
        return None
    with Path(name).open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def finished_with(folder: Path, fingerprint: str) -> bool:
    """Whether `folder` holds a finished training of exactly these options and clips."""
    try:
        record = read_record(folder)
    except TwostreamError:
        return False
    return record.fingerprint == fingerprint and (folder / "model.keras").is_file()


def is_same(folder: Path, fingerprint: str) -> bool:
    """Whether a training with exactly these options and clips was begun in `folder`."""
    note = folder / CIRCUMSTANCES_NAME
    return note.exists() and note.read_text(encoding="utf-8").strip() == fingerprint


def start_or_resume(folder: Path, fingerprint: str) -> None:
    """Keep the checkpoints of an interrupted training of the same kind; clear those of another."""
    note = folder / CIRCUMSTANCES_NAME
    (folder / RECORD_NAME).unlink(missing_ok=True)
    if not is_same(folder, fingerprint):
        for name in STALE_FILES:
            (folder / name).unlink(missing_ok=True)
        for checkpoint in (BEST_NAME, LAST_NAME):
            (folder / "checkpoints" / checkpoint).unlink(missing_ok=True)
        from twostream.atomic import write_text

        write_text(note, fingerprint + "\n")


def _save_for_use(checkpoint: Path, target: Path, *, averaged: bool) -> None:
    """The checkpoint without its optimiser: a third of the size, all that prediction needs."""
    import keras

    model = keras.saving.load_model(checkpoint, compile=False)
    if averaged:
        trained: Any = load_checkpoint(checkpoint)
        use_averaged_weights(trained)
        model.set_weights(trained.get_weights())
    with atomic_path(target) as temporary:
        model.save(temporary)
