"""Training one stream: partition, head on cached features, all layers, the selected model."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from twostream.atomic import atomic_path
from twostream.datasets.manifest import Manifest, read_manifest
from twostream.environment import describe_environment
from twostream.errors import TwostreamError
from twostream.events import say
from twostream.models.backend import choose_backend, prepare_keras
from twostream.models.device import Compute, described, on_device
from twostream.preparation.record import read_preparation_record
from twostream.staging import commit, stage_of
from twostream.training.averaging import half_way, use_averaged_weights
from twostream.training.backbone import for_tests
from twostream.training.bundle import (
    BUNDLE_NAME,
    SourceFacts,
    bundle_of,
    read_bundle,
    write_bundle,
)
from twostream.training.checkpoints import (
    BEST_NAME,
    LAST_NAME,
    keep_start,
    kept_start,
    load_checkpoint,
    save_checkpoint,
)
from twostream.training.checks import check_start
from twostream.training.course import check_course
from twostream.training.fit import FitPlan, fit
from twostream.training.history import read_history
from twostream.training.label_sets import label_weights, sets_of
from twostream.training.learnt_clips import LearntClip, of_one_folder, write_parts
from twostream.training.made_of import made_of
from twostream.training.options import KEPT, TrainingOptions
from twostream.training.partition import Partition, partition_training_part
from twostream.training.place import (
    HISTORY_NAME,
    MODEL_NAME,
    Standing,
    Wanted,
    begun_as,
    recorded_options,
    refuse,
    standing,
    start_or_resume,
)
from twostream.training.record import TrainingRecord, read_record, write_record
from twostream.training.samples import DataSetClips
from twostream.training.settled import settled, settled_as_before, settled_as_there
from twostream.training.start import Start, build_start
from twostream.training.targets import class_weights
from twostream.training.tensorboard_curves import log_to_tensorboard
from twostream.transforms.preprocessing import Preprocessing

AVERAGED_SHARE = 0.1  # of all steps, when weights are averaged


@dataclass(frozen=True)
class _Job:
    """What the steps of one training share."""

    wanted: Wanted
    manifest: Manifest
    earlier_clips: Mapping[str, LearntClip]
    plan: FitPlan
    preprocessing: Preprocessing

    @property
    def options(self) -> TrainingOptions:
        return self.wanted.options

    @property
    def partition(self) -> Partition:
        return self.wanted.partition


def train_stream(
    data: Path, run: Path, *, options: TrainingOptions, replace: bool = False
) -> TrainingRecord:
    """Train one stream on the prepared data set `data` into ``run/<stream>``.

    Goes on from the last checkpoint of an interrupted training of the same options and clips; a finished
    one is returned as it is. One of others, finished or begun, is replaced only with `replace`: the new one
    is made beside it and takes its place when it is finished. With a pretrained backbone a head is trained
    first on features computed once, then all layers at a lower rate; from scratch, all layers from the
    start. Only the training part of the split is used. Raises TwostreamError for options or data that
    nothing can be trained with, and where another training is in the way.
    """
    stands = standing_of_stream(data, run, options=options)
    if stands == "taken" and replace:
        record = train_beside(data, run, stage=stage_of(run), options=options)
        commit(run, [options.stream])
        return record
    return train_beside(data, run, stage=run, options=options)


def train_beside(data: Path, run: Path, *, stage: Path, options: TrainingOptions) -> TrainingRecord:
    """Train one stream for the folder `run` in the folder `stage`, which may be `run` itself.

    In a stage of its own, what is there of another training is not kept. Raises TwostreamError as
    `train_stream` does.
    """
    job = _job(data, run, options)
    from_run = options.from_run
    options, folder = job.options, stage / options.stream
    stands = standing(folder, job.wanted)
    if stands == "finished":
        return read_record(folder)
    if stands == "taken" and stage == run:
        raise refuse(folder, job.wanted)
    if stands == "taken":
        say(f"note: {folder} held another replacement that was not finished: it is begun anew")
    if job.plan.epochs > 0 and begun_as(folder) in job.wanted.names:
        check_course(folder / "checkpoints")
    started = time.monotonic()
    compute = options.compute
    if options.from_run != from_run:
        say(
            f"{options.stream}: {from_run} began from {options.from_run}, and all of its recordings are "
            "here again: so does this training, with the labels that they have now"
        )
    if job.plan.epochs > 0:
        say(f"{options.stream}: all layers train in {compute.dtype} on {described(compute.device)}")
    prepare_keras(seed=options.seed)
    start_or_resume(folder, job.wanted)
    spent_seconds = sum(epoch.duration_seconds for epoch in read_history(folder / HISTORY_NAME))
    job.preprocessing.save(folder / "preprocessing.json")
    with on_device(compute.device):
        selected_epoch, checkpoint = _train(job, folder, DataSetClips(data), compute)
        averaged = options.average_weights and job.plan.epochs > 0
        _save_for_use(checkpoint, folder / MODEL_NAME, options, averaged=averaged)
    log_to_tensorboard(folder)
    known = job.wanted.made_of
    record = TrainingRecord(
        stream=options.stream,
        data=str(data.resolve()),
        content=known.content,
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
        fingerprint=known.fingerprint,
        made_of=known.to_dict(),
        compute=compute.to_dict(),
        multi_label=job.manifest.multi_label,
    )
    write_parts(folder, job.partition, earlier=job.earlier_clips)
    earlier = _earlier_sources(options)
    write_bundle(bundle_of(folder, record, job.preprocessing, data=data, earlier=earlier))
    write_record(folder, record)
    return record


def standing_of_stream(data: Path, run: Path, *, options: TrainingOptions) -> Standing:
    """What stands in ``run/<stream>``, seen from a training of `options` on `data`."""
    return standing(run / options.stream, _job(data, run, options).wanted)


def refusal(data: Path, run: Path, *, options: TrainingOptions) -> TwostreamError:
    """The error of a training that finds another one in ``run/<stream>``; says what differs."""
    return refuse(run / options.stream, _job(data, run, options).wanted)


def _backbone(options: TrainingOptions) -> str:
    """The backbone that was trained, which with `from_run` is not the one of the options."""
    if options.from_run is None:
        return options.backbone
    try:
        return read_record(Path(options.from_run) / options.stream).backbone
    except TwostreamError:
        return str(options.earlier_model)


def settled_options(data: Path, run: Path, *, options: TrainingOptions) -> TrainingOptions:
    """The options with which `train_stream` would train: what is left to the clips is settled."""
    return _job(data, run, options).options


def _job(data: Path, run: Path, options: TrainingOptions) -> _Job:
    """What is asked for; where it is what an earlier version trained in the folder, that."""
    choose_backend()
    manifest = read_manifest(data)
    job = _settled_job(data, run, settled(options, manifest), manifest)
    folder = run / options.stream
    if standing(folder, job.wanted) != "taken":
        return job
    for others in (
        settled(settled_as_there(options, recorded_options(folder)), manifest),
        settled_as_before(options),
    ):
        earlier = _settled_job(data, run, others, manifest)
        if standing(folder, earlier.wanted) != "taken":
            return earlier
    return job


def _settled_job(data: Path, run: Path, options: TrainingOptions, manifest: Manifest) -> _Job:
    earlier_clips = check_start(options, manifest, run=run)
    partition = partition_training_part(
        manifest,
        split=options.split,
        fraction=options.validation_fraction,
        seed=options.seed,
        selects=options.epochs_of_all_layers > 0,
    )
    plan = _plan(options, partition, manifest)
    content = str(read_preparation_record(data).get("content"))
    return _Job(
        wanted=Wanted(
            options,
            partition,
            made_of(options, partition, classes=manifest.classes, content=content),
        ),
        manifest=manifest,
        earlier_clips=earlier_clips,
        plan=plan,
        preprocessing=Preprocessing(
            stream=options.stream,
            size_px=options.seen_size_px,
            stack_length=options.stack_length,
            view=options.view or "full",
        ),
    )


def _plan(options: TrainingOptions, partition: Partition, manifest: Manifest) -> FitPlan:
    """How all layers are trained; raises TwostreamError where no update would ever be made."""
    labels = [row.label for row in partition.training]
    sets, kind = sets_of(manifest), options.class_weights
    weights = (
        class_weights(labels, n_classes=len(manifest.classes), kind=kind)
        if sets is None
        else label_weights(labels, sets=sets, kind=kind)
    )
    plan = FitPlan(
        epochs=options.epochs_of_all_layers,
        batch_size=options.batch_size,
        learning_rate=options.peak_rate,
        schedule=options.schedule,
        views=options.views,
        seed=options.seed,
        label_smoothing=options.label_smoothing,
        mixup=options.mixup,
        cutmix=options.cutmix,
        class_weights=weights,
        patience=options.patience,
        sets=sets,
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


def _train(job: _Job, folder: Path, source: DataSetClips, compute: Compute) -> tuple[int, Path]:
    """Both phases; returns the selected epoch and the checkpoint of the selected model."""
    options = job.options
    checkpoints = folder / "checkpoints"
    plan, n_classes = job.plan, len(job.manifest.classes)
    total_steps = plan.epochs * plan.steps_per_epoch(len(job.partition.training))
    averaged_steps = max(2, int(total_steps * AVERAGED_SHARE))

    def start() -> Any:
        how = Start(
            options,
            job.partition,
            job.preprocessing,
            source,
            folder,
            job.wanted.made_of.fingerprint,
            compute.device,
            averaged_steps=averaged_steps,
            classes=job.manifest.classes,
            learnt=_learnt(job),
            sets=plan.sets,
        )
        model = build_start(how, n_classes=n_classes, class_weights=plan.class_weights)
        if options.head == KEPT and plan.epochs:
            keep_start(model, checkpoints)
        return model

    if plan.epochs == 0:
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
        compute=compute,
        loader=options.loader,
        workers=options.workers,
    )
    return selected, checkpoints / (BEST_NAME if job.partition.validation else LAST_NAME)


def _earlier_sources(options: TrainingOptions) -> SourceFacts | None:
    """The clips that the run has learnt from which goes on; None where none does."""
    if options.head != KEPT or options.from_run is None:
        return None
    stream = Path(options.from_run) / options.stream
    return read_bundle(stream).sources if (stream / BUNDLE_NAME).is_file() else None


def _learnt(job: _Job) -> frozenset[str]:
    """The videos that the earlier run has learnt from, as they are called here."""
    run = job.options.from_run
    if run is None or not of_one_folder(Path(run) / job.options.stream, job.manifest.folder):
        return frozenset()
    return frozenset(one.source for one in job.earlier_clips.values())


def _save_for_use(
    checkpoint: Path, target: Path, options: TrainingOptions, *, averaged: bool
) -> None:
    """The checkpoint without what only training needs, for samples of the size that tests see.

    Without its optimiser it is a third of the size. Where an earlier run goes on, half-way back to what
    the training began with.
    """
    import keras

    model = keras.saving.load_model(checkpoint, compile=False)
    if averaged:
        trained: Any = load_checkpoint(checkpoint)
        use_averaged_weights(trained)
        model.set_weights(trained.get_weights())
    begun_with = kept_start(checkpoint.parent)
    if begun_with is not None:
        model.set_weights(half_way(begun_with, model.get_weights()))
    model = for_tests(model, options)
    with atomic_path(target) as temporary:
        model.save(temporary)
