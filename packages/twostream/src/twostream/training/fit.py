"""All layers: the training loop, with checkpoints it can go on from and the best epoch kept."""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from twostream.choices import LoaderKind
from twostream.datasets.manifest import ManifestRow
from twostream.errors import TwostreamError
from twostream.events import warn
from twostream.models.device import PLAIN, Compute
from twostream.progress import Progress
from twostream.training.averaging import averaged_weights
from twostream.training.checkpoints import (
    LAST_NAME,
    find_checkpoint,
    keep_as_best,
    save_checkpoint,
    settle_best,
)
from twostream.training.course import begin_course, check_random_streams
from twostream.training.history import (
    EpochRecord,
    RunningMean,
    read_history,
    write_history,
)
from twostream.training.kept_memory import kept_memory
from twostream.training.label_sets import Truth, set_targets
from twostream.training.loader import Loader, loader_of
from twostream.training.pace import SavingPace
from twostream.training.partition import Partition
from twostream.training.precision import training_precision
from twostream.training.random_state import (
    remove_other_random_states,
    restore_random_state,
    save_random_state,
)
from twostream.training.randomness import random_stream
from twostream.training.samples import (
    DataSetClips,
    TrainingViews,
    clip_samples,
    draw_sample,
    each_in_threads,
    epoch_draws,
)
from twostream.training.schedule import Schedule, scheduled_rate
from twostream.training.step import use_fast_steps
from twostream.training.targets import Floats, cut_clips, mix_clips, soft_targets
from twostream.training.tensorboard_curves import TensorBoardCurves
from twostream.training.validated import Validated, validated
from twostream.transforms.preprocessing import Preprocessing

VALIDATION_SAMPLES_PER_CLIP = 3


@dataclass(frozen=True, kw_only=True)
class FitPlan:
    """Everything that decides how all layers are trained.

    `class_weights` (C,) are those of classes; with `sets` (K, C) of labels, those (2, C) of clips without
    and with each label.
    """

    epochs: int
    batch_size: int
    learning_rate: float
    schedule: Schedule
    views: TrainingViews
    seed: int
    label_smoothing: float
    mixup: float
    cutmix: float
    class_weights: npt.NDArray[np.float32]
    patience: int | None
    sets: Truth | None = None

    @property
    def clips_per_step(self) -> int:
        """Clips of a step; each gives one sample from each of its segments."""
        return max(1, self.batch_size // self.views.segments)

    def targets(self, labels: npt.NDArray[np.int64]) -> Floats:
        """What clips with these numbers (n,) are to be scored as, (n, C)."""
        if self.sets is not None:
            return set_targets(labels, sets=self.sets, smoothing=self.label_smoothing)
        return soft_targets(labels, smoothing=self.label_smoothing, weights=self.class_weights)

    def steps_per_epoch(self, clips: int) -> int:
        """Steps in which every clip is drawn as often as the views say."""
        return -(-clips * self.views.samples_per_clip // self.clips_per_step)


def fit(
    build: Callable[[], Any],
    partition: Partition,
    *,
    plan: FitPlan,
    source: DataSetClips,
    preprocessing: Preprocessing,
    folder: Path,
    label: str,
    compute: Compute = PLAIN,
    loader: LoaderKind = "threads",
    workers: int | None = None,
) -> int:
    """Train the compiled model that `build` returns; the selected epoch (1-based) is returned.

    After an epoch ``checkpoints/last.keras`` (with the optimiser's state) is written, from which a
    later call goes on to the same weights: after every one, or, where nothing is held out, less often
    if that would take more than a tenth of the time. Where there is a validation part, the epoch with
    the best validation top-1 (of equals, the one with the lowest loss) is kept as
    ``checkpoints/best.keras``, and with `plan.patience` training stops after so many epochs without a
    better one. `compute` says where the caller lets Keras compute (see `on_device`), and in what precision
    steps do; `loader` and `workers` who brings samples (see `loader_of`).
    """
    checkpoints, history_path = folder / "checkpoints", folder / "history.csv"
    steps = plan.steps_per_epoch(len(partition.training))
    # The checkpoint itself tells how far it got; the history may be ahead of it.
    found = find_checkpoint(checkpoints, steps=steps)
    done = found.done if found else 0
    model = found.model if found else build()
    tell_of_clips(model, plan)
    predict = use_fast_steps(model)
    records = [r for r in read_history(history_path) if r.phase != "all" or r.epoch <= done]
    if found and done:
        check_random_streams(checkpoints)
        restore_random_state(checkpoints, model, epoch=done, device=compute.device)
        remove_other_random_states(checkpoints, epoch=done)
        if partition.validation:
            check_whole(history_path, records, epochs=done)
            settle_best(checkpoints, found, best_epoch=best_epoch(records))
    if not found:
        begin_course(checkpoints)
    if plan.patience is not None and not partition.validation:
        warn(
            f"{label}: --patience ends nothing, since no clips are held out to judge an epoch by: all "
            f"{plan.epochs} epochs are trained",
            stacklevel=2,
        )
    pace = SavingPace()
    curves = TensorBoardCurves(folder)
    with (
        closing(curves),
        kept_memory(),
        loader_of(loader, workers) as load,
        Progress(label, total=plan.epochs * steps, unit="step") as progress,
    ):
        progress.done = progress.already_done = done * steps
        for epoch in range(done, plan.epochs):
            if partition.validation and out_of_patience(records, patience=plan.patience):
                break
            started = time.monotonic()
            mean, rate = _one_epoch(
                model,
                partition.training,
                epoch,
                steps,
                plan,
                compute,
                source,
                preprocessing,
                load,
                progress,
            )
            with averaged_weights(model):
                held_out = validate(predict, partition.validation, source, preprocessing, plan.sets)
            duration = time.monotonic() - started
            trained = mean.cross_entropy, mean.top1
            records.append(
                EpochRecord(
                    epoch + 1,
                    "all",
                    rate,
                    *trained,
                    held_out.loss,
                    held_out.top1,
                    duration,
                    mean.loss,
                    held_out.mean_average_precision,
                )
            )
            if not math.isfinite(mean.loss):
                raise diverged(label, epoch + 1)
            write_history(history_path, records)
            # With a validation part always: the best epoch must be one of the course that goes on.
            if partition.validation or pace.is_due() or epoch + 1 == plan.epochs:
                with pace.saving():
                    save_random_state(checkpoints, model, epoch=epoch + 1, device=compute.device)
                    save_checkpoint(model, checkpoints / LAST_NAME)
                    if partition.validation and best_epoch(records) == epoch + 1:
                        keep_as_best(checkpoints)
                    remove_other_random_states(checkpoints, epoch=epoch + 1)
                curves.bring_up_to(records)  # none of these epochs is ever repeated
    return best_epoch(records) if partition.validation else plan.epochs


def tell_of_clips(model: Any, plan: FitPlan) -> None:
    """Let the steps of a compiled model tell of the training clips what `validate` tells of others."""
    from twostream.training.measures import clip_measures

    measures = clip_measures(
        segments=plan.views.segments,
        smoothing=plan.label_smoothing,
        class_weights=() if plan.sets is not None else plan.class_weights.tolist(),
        multi_label=plan.sets is not None,
    )
    model.compile(model.optimizer, model.loss, metrics=measures)


def _one_epoch(
    model: Any,
    rows: tuple[ManifestRow, ...],
    epoch: int,
    steps: int,
    plan: FitPlan,
    compute: Compute,
    source: DataSetClips,
    preprocessing: Preprocessing,
    load: Loader,
    progress: Progress,
) -> tuple[RunningMean, float]:
    """Train an epoch; the means over its steps and the last learning rate."""
    views = plan.views
    draws = epoch_draws(
        rows,
        samples_per_clip=views.samples_per_clip,
        segments=views.segments,
        seed=plan.seed,
        epoch=epoch,
    )
    labels = np.asarray([draw.row.label for draw in draws], np.int64)
    targets = plan.targets(labels)
    sample = partial(draw_sample, source=source, preprocessing=preprocessing, views=views)
    mean = RunningMean()
    rate = plan.learning_rate
    batch_size = plan.clips_per_step * views.segments
    for step, pixels in enumerate(load(sample, draws, batch_size=batch_size)):
        progress_share = (epoch * steps + step) / (plan.epochs * steps)
        rate = scheduled_rate(progress_share, peak=plan.learning_rate, schedule=plan.schedule)
        model.optimizer.learning_rate = rate
        start = step * batch_size
        samples, wanted = pixels.astype(np.float32), targets[start : start + len(pixels)]
        samples, wanted = _with_other_clips(samples, wanted, plan=plan, epoch=epoch, step=step)
        with training_precision(compute):
            logs = model.train_on_batch(samples, wanted, return_dict=True)
        mean.add(logs, len(samples))
        progress.note = f"loss {mean.cross_entropy or mean.loss:.3f} top-1 {mean.top1:.3f}"
        progress.advance(samples=len(samples))
    return mean, rate


def _with_other_clips(
    samples: Floats, targets: Floats, *, plan: FitPlan, epoch: int, step: int
) -> tuple[Floats, Floats]:
    """A batch as `mixup` or `cutmix` makes it, or as it is."""
    segments = plan.views.segments
    cuts = plan.cutmix > 0
    if cuts:
        rng = random_stream("cutmix", epoch + 1, step, seed=plan.seed)
        cuts = plan.mixup == 0 or rng.random() < 0.5
    if cuts:
        return cut_clips(samples, targets, segments=segments, alpha=plan.cutmix, rng=rng)
    if plan.mixup > 0:
        rng = random_stream("mixup", epoch + 1, step, seed=plan.seed)
        return mix_clips(samples, targets, segments=segments, alpha=plan.mixup, rng=rng)
    return samples, targets


def validate(
    predict: Callable[[Any], Any],
    rows: tuple[ManifestRow, ...],
    source: DataSetClips,
    preprocessing: Preprocessing,
    sets: Truth | None = None,
) -> Validated:
    """Loss and top-1 of clips, each by the mean of a few even samples; of `sets` of labels mAP, too."""
    if not rows:
        return Validated()
    sample = partial(
        clip_samples,
        source=source,
        preprocessing=preprocessing,
        samples=VALIDATION_SAMPLES_PER_CLIP,
    )
    scores = [
        np.asarray(predict(clip.astype(np.float32))).mean(axis=0)
        for clip in each_in_threads(sample, rows)  # whole views of clips have shapes of their own
    ]
    probabilities = np.stack(scores)
    labels = np.asarray([row.label for row in rows])
    return validated(probabilities, labels, sets)


def best_epoch(records: list[EpochRecord]) -> int:
    """The epoch of phase ``all`` with the best validation top-1 or mAP; of equals, the lowest loss."""
    candidates = [r for r in records if r.phase == "all" and r.validation_top1 is not None]
    return max(candidates, key=lambda r: r.merit).epoch


def check_whole(path: Path, records: list[EpochRecord], *, epochs: int) -> None:
    """Raise TwostreamError unless the history tells of every epoch done: else the best is unknown."""
    told = [r.epoch for r in records if r.phase == "all" and r.validation_top1 is not None]
    if told != list(range(1, epochs + 1)):
        raise TwostreamError(
            path,
            expected=f"a row with validation results for each of the {epochs} epochs done",
            found=f"{len(told)} of them",
            remedy="remove the checkpoints beside it to train this stream from the start",
        )


def out_of_patience(records: list[EpochRecord], *, patience: int | None) -> bool:
    """Whether the last `patience` epochs brought nothing better; never where `patience` is None."""
    done = [r.epoch for r in records if r.phase == "all" and r.validation_top1 is not None]
    return patience is not None and bool(done) and done[-1] - best_epoch(records) >= patience


def diverged(label: str, epoch: int) -> TwostreamError:
    """The error of a training whose loss is no longer a number."""
    return TwostreamError(
        f"{label}, epoch {epoch}",
        expected="a finite loss",
        found="one that is not a number",
        remedy="lower --learning-rate and start again",
    )
