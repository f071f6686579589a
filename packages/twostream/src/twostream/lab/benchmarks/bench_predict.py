"""The verb `bench predict`: how many seconds of video a second of the clock brings, and where it goes."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from twostream.choices import AskedPrecision, Engine, Protocol, Stream, ViewName
from twostream.paths import InputPath, NameOrFile, OutputFile, path_or_none
from twostream.verbs.paths import checks_paths

if TYPE_CHECKING:
    from twostream.prediction.networks import Networks
    from twostream.sources.specification import FlowSpecification
    from twostream.sources.video import VideoClip
    from twostream.training.two_streams import TwoStreamBundle

N_CLASSES = 101
FLOWS: dict[str, dict[str, Any]] = {
    "exact": {"algorithm": "tvl1", "parameters": {"preset": "exact"}},
    "fast": {"algorithm": "tvl1", "parameters": {"preset": "fast"}},
    "dis": {"algorithm": "dis"},
}
ONE, WINDOWS, WHOLE = "one", "8", "whole-video"
SAMPLINGS = (ONE, WINDOWS, WHOLE)
STREAMS: tuple[Stream, ...] = ("spatial", "temporal")
RATE = 8.0
# The parts are measured one by one on so much of the video, and on so many batches.
PART_SECONDS, PART_BATCHES = 5.0, 4


@dataclass(frozen=True)
class Spent:
    """Seconds of the clock and of all processors."""

    clock: float
    processor: float


@checks_paths
def bench_predict(
    video: InputPath,
    *,
    backbone: NameOrFile = "ResNet50",
    size: int = 192,
    view: ViewName = "centre",
    stack_length: int = 10,
    flows: str = "exact,fast,dis",
    samplings: str = "one,8,whole-video",
    engine: Engine = "auto",
    device: str = "auto",
    precision: AskedPrecision = "auto",
    out: OutputFile | None = None,
) -> dict[str, Any]:
    """Time `predict` on a video: seconds of video for each second of the clock.

    Both streams are networks of random weights, which are as fast as trained ones. Beside each figure stand
    the processor seconds that decoding, flow and networks take for a second of video, each measured alone.

    Parameters
    ----------
    video
        A video; `scripts/joined_minute.py` makes one of clips.
    backbone
        A backbone of both streams, by its name.
    size
        Input size in pixels.
    view
        What is seen of an image: `centre`, `full` (which trainings have by default) or `three`.
    stack_length
        Flows in a stack.
    flows
        Comma-separated: `exact` and `fast` TV-L1, `dis`.
    samplings
        Comma-separated: `one` (one sample of each stream), `8` (a timeline of 8 windows a second),
        `whole-video` (every frame and every stack).
    engine
        What computes scores.
    device
        Where networks compute.
    precision
        Numbers of products.
    out
        A JSON file for all figures.
    """
    from twostream.atomic import write_json
    from twostream.environment import describe_environment
    from twostream.models.backend import prepare_keras
    from twostream.sources.specification import FlowSpecification
    from twostream.sources.video import VideoClip
    from twostream.video.opencv_threads import one_opencv_thread

    path, target = Path(video), path_or_none(out)
    asked_flows = _names("--flows", flows, tuple(FLOWS))
    asked = _names("--samplings", samplings, SAMPLINGS)
    prepare_keras(seed=0)
    networks = _networks(str(backbone), size, view, stack_length, engine, device, precision)
    dis = FlowSpecification(algorithm="dis")
    clip = VideoClip(path, dis)
    seconds = clip.count_frames() / clip.facts.fps
    rows: list[dict[str, Any]] = []
    with one_opencv_thread():
        decode = _processor_seconds(path, dis, with_flow=False)
        network = _sample_seconds(networks, clip)
        for flow in asked_flows:
            specification = FlowSpecification(**FLOWS[flow])
            of_flow = _processor_seconds(path, specification, with_flow=True) - decode
            for sampling in asked:
                spent, samples = _timed(networks, path, specification, sampling)
                share = stack_length / clip.count_frames() if sampling == ONE else 1.0
                parts = {
                    "decode": decode,
                    "flow": of_flow * share,
                    "networks": network * samples / seconds,
                }
                rows.append(
                    {
                        "flow": flow,
                        "sampling": sampling,
                        "real_time_factor": seconds / spent.clock,
                        "clock_seconds": spent.clock,
                        "processor_seconds_a_second": spent.processor / seconds,
                        "of_which": parts,
                    }
                )
    results = {
        "environment": describe_environment(),
        "video": {
            "seconds": seconds,
            "fps": clip.facts.fps,
            "width": clip.facts.width,
            "height": clip.facts.height,
        },
        "backbone": str(backbone),
        "size_px": size,
        "view": view,
        "computation": {
            stream: one.to_dict() for stream, one in networks.loaded.computations.items()
        },
        "rows": rows,
    }
    if target is not None:
        write_json(target, results)
    return results


def _names(flag: str, text: str, known: tuple[str, ...]) -> list[str]:
    from twostream.errors import TwostreamError

    names = [part.strip() for part in text.split(",") if part.strip()]
    if not names or not set(names) <= set(known):
        raise TwostreamError(
            flag,
            expected=f"some of {', '.join(known)}",
            found=text or "none",
            remedy="choose of these",
        )
    return names


def _networks(
    backbone: str,
    size: int,
    view: ViewName,
    stack_length: int,
    engine: Engine,
    device: str,
    precision: AskedPrecision,
) -> Networks:
    """Both streams with random weights, as if they were a bundle that was loaded."""
    from twostream.evaluation.bundle_scores import LoadedBundle
    from twostream.models.backbones import load_backbone
    from twostream.models.classifier import build_classifier
    from twostream.models.device import on_device
    from twostream.models.engines.network import Network
    from twostream.models.inference import predictor_of, resolve_scoring
    from twostream.prediction.networks import Networks

    scoring = resolve_scoring(engine, device, precision)
    bundle = _bundle(size, view, stack_length)
    networks: dict[str, Network] = {}
    for one in bundle.streams:
        channels = one.preprocessing.channels
        with on_device(scoring.compute.device):
            model = build_classifier(
                load_backbone(backbone, weights="none", channels=channels, size_px=size),
                n_classes=N_CLASSES,
                dropout=0.5,
                head_l2=0.0,
                subtract_mean=one.stream == "temporal",
            )
        networks[one.stream] = Network(
            model, scoring.compute.device, partial(predictor_of, scoring=scoring)
        )
        _ = networks[one.stream].probabilities
    return Networks(LoadedBundle(bundle, networks))


def _bundle(size: int, view: ViewName, stack_length: int) -> TwoStreamBundle:
    from twostream.sources.specification import FlowSpecification
    from twostream.training.bundle import StreamBundle, TrainingFacts
    from twostream.training.two_streams import TwoStreamBundle
    from twostream.transforms.preprocessing import Preprocessing

    spatial, temporal = (
        StreamBundle(
            folder=Path(),
            classes=tuple(map(str, range(N_CLASSES))),
            preprocessing=Preprocessing(
                stream=stream, size_px=size, stack_length=stack_length, view=view
            ),
            flow=FlowSpecification(algorithm="dis"),
            training=TrainingFacts(
                backbone="",
                weights=None,
                split=1,
                n_train=0,
                n_validation=0,
                selection="",
                selected_epoch=0,
                fingerprint="",
                content="",
                environment={},
            ),
        )
        for stream in STREAMS
    )
    return TwoStreamBundle(folder=Path(), spatial=spatial, temporal=temporal)


def _spent(work: Callable[[], object]) -> Spent:
    clock, processor = time.perf_counter(), time.process_time()
    work()
    return Spent(time.perf_counter() - clock, time.process_time() - processor)


def _timed(
    networks: Networks, path: Path, flow: FlowSpecification, sampling: str
) -> tuple[Spent, int]:
    """What one pass takes, and how many samples of each stream it looks at."""
    from twostream.environment import available_cores
    from twostream.prediction.clips import score_clip
    from twostream.prediction.windows import Windows, score_windows
    from twostream.sources.video import VideoClip

    clip = VideoClip(path, flow, threads=available_cores())
    if sampling != WINDOWS:
        protocol: Protocol = "one-frame" if sampling == ONE else "whole-video"
        spent = _spent(lambda: score_clip(networks, clip, protocol=protocol))
        return spent, 1 if sampling == ONE else clip.count_frames()
    length = networks.streams[0].preprocessing.stack_length
    seen: list[int] = []

    def windows() -> None:
        where = Windows(fps=clip.facts.fps, rate=RATE, length=length)
        seen.extend(len(batch.windows_s) for batch in score_windows(networks, clip, where))

    spent = _spent(windows)
    return spent, sum(seen)


def _processor_seconds(path: Path, flow: FlowSpecification, *, with_flow: bool) -> float:
    """Of a second of the video: decoding it, and perhaps computing its flow, by one thread."""
    from itertools import islice

    from twostream.sources.images import flows_between
    from twostream.sources.video import VideoClip

    clip = VideoClip(path, flow)
    frames = round(PART_SECONDS * clip.facts.fps)

    def work(count: int) -> int:
        images = islice(clip.raw_images(), count)
        return sum(1 for _ in (flows_between(images, flow) if with_flow else images))

    work(3)  # whatever is compiled or loaded once
    return _spent(partial(work, frames)).processor / PART_SECONDS


def _sample_seconds(networks: Networks, clip: VideoClip) -> float:
    """Processor seconds that one sample of each stream takes in its network, in all views of the clip."""
    import numpy as np

    from twostream.transforms.views import shape_of

    rng = np.random.default_rng(0)
    total = 0.0
    height, width = clip.facts.height, clip.facts.width
    n = networks.batch_samples
    for one in networks.streams:
        size, channels = one.preprocessing.size_px, one.preprocessing.channels
        for view in one.preprocessing.evaluation_views(clip):
            shape = shape_of(view, height, width, size_px=size)
            batch = rng.integers(0, 256, (n, *shape, channels), np.uint8)
            networks.score(one.stream, batch)
            score = partial(networks.score, one.stream, batch)
            total += sum(_spent(score).processor for _ in range(PART_BATCHES)) / (n * PART_BATCHES)
    return total
