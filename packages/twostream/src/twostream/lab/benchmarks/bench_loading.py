"""The verb `bench loading`: training steps fed by our loader beside the same fed from memory."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from twostream.choices import LoaderKind
from twostream.paths import InputPath, NameOrFile, OutputFile, path_or_none
from twostream.verbs.paths import checks_paths

if TYPE_CHECKING:
    from twostream.training.loader import Loader

FED, IN_MEMORY = "loader", "one batch in memory"


@checks_paths
def bench_loading(
    data: InputPath,
    *,
    stream: Literal["spatial", "temporal"] = "spatial",
    backbone: NameOrFile = "ResNet50",
    split: int = 1,
    batch_size: int = 16,
    size: int = 192,
    steps: int = 8,
    rounds: int = 3,
    loader: LoaderKind = "threads",
    workers: int | None = None,
    out: OutputFile | None = None,
) -> dict[str, Any]:
    """Time training steps whose samples our loader brings beside steps on one batch in memory.

    Both do everything else that training does; they take turns in one process. The loader's samples are
    those of a training: random positions, crops, mirrors and colours of clips of the training part.

    Parameters
    ----------
    data
        A prepared data set.
    stream
        Frames, or stacks of flow: twenty pictures for each sample.
    backbone
        The network that is trained meanwhile; random weights.
    split
        Whose training part is read.
    batch_size
        Samples of a step.
    size
        Sides of the samples, in px.
    steps
        Steps each has in its turn.
    rounds
        Turns of each; the ratio is taken in each round, then the median.
    loader
        What brings samples: `threads`, or `processes`, whose processor time is not counted.
    workers
        How many of them. Default: one a core.
    out
        A JSON file for all figures.

    Returns
    -------
    What the JSON file has: `settings`, `seconds_a_step`, `ratio`, `sample_processor_ms`,
    `of_which_processor_ms` (the same images only read, and only decoded by OpenCV), and
    `share_of_bare_decoding`: that decoding's part of a whole sample; both by threads.

    Raises
    ------
    TwostreamError
        `data` is no prepared data set, or its training part has no clips.
    """
    from twostream.atomic import write_json
    from twostream.environment import available_cores
    from twostream.lab.yardsticks.training_steps import median_ratio, take_turns
    from twostream.models.backend import prepare_keras
    from twostream.progress import Progress
    from twostream.training.loader import loader_of

    data, backbone, out = Path(data), os.fspath(backbone), path_or_none(out)
    prepare_keras(seed=0)
    batches, contents = _batches(
        data, stream=stream, split=split, batch_size=batch_size, size_px=size, steps=steps
    )
    with loader_of("threads", workers) as load:
        samples = steps * batch_size
        parts = _sample_milliseconds(
            lambda: batches(load), contents, samples=samples, rounds=rounds
        )
        held = next(iter(batches(load)))
    step = _step(backbone, stream=stream, batch_size=batch_size, size_px=size)

    def from_memory() -> None:
        for _ in range(steps):
            step(held)

    with (
        loader_of(loader, workers) as load,
        Progress("bench loading", total=2 * (rounds + 1), unit="turn") as progress,
    ):

        def fed() -> None:
            for pixels in batches(load):
                step(pixels)

        work: dict[str, Callable[[], object]] = {FED: fed, IN_MEMORY: from_memory}
        timings = take_turns(work, rounds=rounds, advance=progress.advance)
    fast, slow = timings[IN_MEMORY], timings[FED]
    results: dict[str, Any] = {
        "settings": {
            "data": str(data.resolve()),
            "stream": stream,
            "backbone": backbone,
            "batch_size": batch_size,
            "size_px": size,
            "steps": steps,
            "rounds": rounds,
            "loader": loader,
            "workers": workers or available_cores(),
        },
        "seconds_a_step": {
            name: {
                "clock": float(np.median(timing.clock)) / steps,
                "processor": float(np.median(timing.processor)) / steps,
            }
            for name, timing in timings.items()
        },
        "ratio": {
            "clock": median_ratio(slow.clock, fast.clock),
            "processor": median_ratio(slow.processor, fast.processor),
        },
        "sample_processor_ms": parts["sample"],
        "of_which_processor_ms": {name: parts[name] for name in ("read", "decode")},
        "share_of_bare_decoding": parts["share"],
    }
    if out is not None:
        write_json(out, results)
    return results


def _batches(
    data: Path,
    *,
    stream: Literal["spatial", "temporal"],
    split: int,
    batch_size: int,
    size_px: int,
    steps: int,
) -> tuple[Callable[[Loader], Any], Callable[[], list[list[bytes]]]]:
    """A function that starts a loader on the first `steps` batches of a training.

    And one that reads what these samples are decoded from.
    """
    from functools import partial

    from twostream.datasets.manifest import read_manifest
    from twostream.training.checks import check_parts
    from twostream.training.options import TrainingOptions
    from twostream.training.samples import (
        DataSetClips,
        draw_sample,
        drawn,
        epoch_draws,
    )
    from twostream.transforms.preprocessing import Preprocessing

    manifest = read_manifest(data)
    check_parts(manifest, split=split)
    rows = manifest.part(split, "train")
    views = TrainingOptions(stream=stream, split=split, size_px=size_px).views
    wanted = steps * batch_size
    draws = []
    for epoch in range(-(-wanted // (len(rows) * views.parts))):
        draws += epoch_draws(
            rows,
            samples_per_clip=views.samples_per_clip,
            segments=views.segments,
            seed=0,
            epoch=epoch,
        )
    preprocessing = Preprocessing(stream=stream, size_px=size_px)
    given: Any = {"source": DataSetClips(data), "preprocessing": preprocessing, "views": views}
    sample = partial(draw_sample, **given)
    seen = [drawn(draw, **given)[:2] for draw in draws[:wanted]]
    members = [(clip.files, preprocessing.members(clip, position)) for clip, position in seen]
    return (
        lambda load: load(sample, draws[:wanted], batch_size=batch_size),
        lambda: [files.read(names) for files, names in members],
    )


def _sample_milliseconds(
    batches: Callable[[], Any],
    contents: Callable[[], list[list[bytes]]],
    *,
    samples: int,
    rounds: int,
) -> dict[str, float]:
    """Processor time that the loader alone needs for a sample, clips being open already, and its parts.

    They take turns. `share` is the median of the rounds' shares.
    """
    import cv2

    from twostream.video.opencv_threads import one_opencv_thread

    read = contents()
    # One image is a frame; those of a stack are grey.
    mode = cv2.IMREAD_COLOR if len(read[0]) == 1 else cv2.IMREAD_GRAYSCALE

    def load() -> None:
        for _ in batches():
            pass

    def decode() -> None:
        for images in read:
            for image in images:
                cv2.imdecode(np.frombuffer(image, np.uint8), mode)

    work: dict[str, Callable[[], object]] = {"sample": load, "read": contents, "decode": decode}
    taken: dict[str, list[float]] = {name: [] for name in work}
    with one_opencv_thread():
        for turn in range(rounds + 1):
            for name, function in work.items():
                started = time.process_time()
                function()
                if turn:  # the first warms up
                    taken[name].append(1000.0 * (time.process_time() - started) / samples)
    share = float(np.median(np.divide(taken["decode"], taken["sample"])))
    return {"share": share} | {name: float(np.median(found)) for name, found in taken.items()}


def _step(backbone: str, *, stream: str, batch_size: int, size_px: int) -> Callable[[Any], float]:
    from twostream.lab.yardsticks.training_steps import (
        fine_tuned_classifier,
        keras_step,
        random_batch,
    )

    channels, classes = (3 if stream == "spatial" else 20), 51
    subject = fine_tuned_classifier(
        backbone,
        weights=None if backbone.endswith(".keras") or backbone.startswith("cnn") else "none",
        channels=channels,
        size_px=size_px,
        classes=classes,
        fast=True,
    )
    _, targets = random_batch(size_px=1, channels=1, batch_size=batch_size, classes=classes)
    return lambda pixels: keras_step(subject, pixels.astype(np.float32), targets[: len(pixels)])
