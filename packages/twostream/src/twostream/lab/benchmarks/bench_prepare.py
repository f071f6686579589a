"""The verb `bench prepare`: `prepare` end to end, beside itself with OpenCV's TV-L1."""

from __future__ import annotations

import tempfile
import time
from pathlib import Path
from typing import Any, Literal

import numpy as np

from twostream.errors import TwostreamError
from twostream.paths import InputPath, OutputFile, path_or_none
from twostream.verbs.paths import checks_paths

Algorithm = Literal["tvl1", "tvl1-opencv"]


@checks_paths
def bench_prepare(
    source: InputPath,
    *,
    frames: int = 12,
    clips: int = 6,
    rounds: int = 3,
    out: OutputFile | None = None,
) -> dict[str, Any]:
    """Time `prepare` on the first frames of a few clips, with our TV-L1 and with OpenCV's, in turn.

    Everything counts that `prepare` does: starting workers, decoding, flow, encoding, the manifest.
    Machine code is compiled beforehand, as it is after the first use.

    Parameters
    ----------
    source
        Folder of class folders, as for `prepare`.
    frames
        Frames of each clip: OpenCV needs over a second for each.
    clips
        Clips, spread evenly over the classes.
    rounds
        Rounds; the ratio of the times of each round is taken, then the median.
    out
        A JSON file for all figures.

    Raises
    ------
    TwostreamError
        Numbers below 1 (`frames`: 2), no class folders, no clip with two frames.
    """
    from twostream.atomic import write_json
    from twostream.environment import describe_environment
    from twostream.flow import compile_tvl1
    from twostream.preparation.options import at_least
    from twostream.progress import Progress

    source, out = Path(source), path_or_none(out)
    for flag, number, least in (
        ("--frames", frames, 2),
        ("--clips", clips, 1),
        ("--rounds", rounds, 1),
    ):
        at_least(flag, number, least)
    compile_tvl1()
    seconds: dict[Algorithm, list[float]] = {"tvl1": [], "tvl1-opencv": []}
    with tempfile.TemporaryDirectory() as folder:
        cut = Path(folder) / "videos"
        counts = _cut_clips(source, cut, frames=frames, clips=clips)
        with Progress("bench prepare", total=2 * rounds, unit="run") as progress:
            for number in range(rounds):
                for algorithm, times in seconds.items():
                    times.append(
                        _prepare_once(cut, Path(folder) / f"{algorithm}-{number}", algorithm)
                    )
                    progress.advance()
    ratios = [slow / fast for fast, slow in zip(*seconds.values(), strict=True)]
    results: dict[str, Any] = {
        "environment": describe_environment(),
        "clips": len(counts),
        "frames": sum(counts),
        "rounds": rounds,
        "factor": float(np.median(ratios)),
        "factors": ratios,
        "algorithms": {
            name: {
                "clips_per_second": len(counts) / float(np.median(times)),
                "frames_per_second": sum(counts) / float(np.median(times)),
                "seconds": float(np.median(times)),
            }
            for name, times in seconds.items()
        },
    }
    if out is not None:
        write_json(out, results)
    return results


def _cut_clips(source: Path, target: Path, *, frames: int, clips: int) -> list[int]:
    """Write the first `frames` frames of some clips losslessly; returns their numbers of frames."""
    from itertools import islice

    from twostream.datasets.class_folders import scan
    from twostream.video.decode import open_video

    found = scan(source).clips
    counts: list[int] = []
    for k in np.unique(np.linspace(0, len(found) - 1, clips).round().astype(int)):
        clip = found[k]
        with open_video(clip.path) as video:
            images = list(islice(video.frames(), frames))
        if len(images) < 2:
            continue  # it has no flow
        _write_lossless(target / clip.class_name / f"{k}.mkv", images)
        counts.append(len(images))
    if not counts:
        raise TwostreamError(
            source, expected="clips of two frames or more", found="none", remedy="check the videos"
        )
    return counts


def _write_lossless(path: Path, images: list[Any]) -> None:
    import av

    path.parent.mkdir(parents=True, exist_ok=True)
    with av.open(str(path), "w") as container:
        stream: Any = container.add_stream("ffv1", rate=25)
        stream.height, stream.width = images[0].shape[:2]
        stream.pix_fmt = "bgr0"
        for image in images:
            container.mux(stream.encode(av.VideoFrame.from_ndarray(image, format="rgb24")))
        container.mux(stream.encode())


def _prepare_once(source: Path, out: Path, algorithm: Algorithm) -> float:
    from twostream.preparation.dataset import prepare_dataset
    from twostream.preparation.options import ExtractionOptions, PrepareOptions

    started = time.perf_counter()
    prepare_dataset(source, out, PrepareOptions(extraction=ExtractionOptions(flow=algorithm)))
    return time.perf_counter() - started
