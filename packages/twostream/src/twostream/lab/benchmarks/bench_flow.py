"""The verb `bench flow`: every flow algorithm beside OpenCV's TV-L1 on the same pairs."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from twostream.errors import TwostreamError
from twostream.paths import InputPath, OutputFile, path_or_none
from twostream.verbs.paths import checks_paths

if TYPE_CHECKING:
    from twostream.lab.yardsticks.flow import Pair

GENERATED_PAIRS = 4
VIDEO_SUFFIXES = (".avi", ".mp4", ".mkv", ".mov", ".webm")


@checks_paths
def bench_flow(
    *,
    pairs: InputPath | None = None,
    out: OutputFile | None = None,
    per_video: int = 2,
    rounds: int = 3,
) -> dict[str, Any]:
    """Measure every flow algorithm beside OpenCV's TV-L1: one core, one process, taking turns.

    Parameters
    ----------
    pairs
        A folder, searched with its subfolders: videos, and pictures `NAME-img0.*`, `NAME-img1.*`
        with the true flow in `NAME-gt.flo` where it is known. Without it, generated pairs with
        exactly known motion.
    out
        A JSON file for all figures.
    per_video
        Pairs of consecutive frames from each video, evenly spread.
    rounds
        How often each algorithm runs on each pair (OpenCV's TV-L1 once); medians are reported.

    Returns
    -------
    What the JSON file has: `environment`, `summary`, `pairs`.

    Raises
    ------
    TwostreamError
        `pairs` is no folder, has nothing to measure on, or frames and true flow of different sizes.
    """
    from dataclasses import asdict

    from twostream.atomic import write_json
    from twostream.flow.tv_l1.probe import iteration_nanoseconds
    from twostream.lab.yardsticks.flow import measure, one_core, summarise
    from twostream.preparation.options import at_least
    from twostream.progress import Progress

    pairs, out = path_or_none(pairs), path_or_none(out)
    at_least("--per-video", per_video, 1)
    at_least("--rounds", rounds, 1)
    found = list(_generated() if pairs is None else _found(pairs, per_video))
    measured = []
    with one_core(), Progress("bench flow", total=len(found), unit="pair") as progress:
        for pair in found:
            measured += measure(pair, rounds=rounds)
            progress.advance()
        loop = iteration_nanoseconds()
    summaries = summarise(measured)
    results = {
        "environment": _environment(),
        "iteration_loop_ns_per_pixel": loop,
        "summary": [asdict(summary) for summary in summaries],
        "pairs": [asdict(row) for row in measured],
    }
    if out is not None:
        write_json(out, results)
    return results


def _generated() -> Iterator[Pair]:
    from twostream.flow.scenes import layered_scene
    from twostream.lab.yardsticks.flow import Pair

    for seed in range(1, GENERATED_PAIRS + 1):
        yield Pair(f"generated {seed}", *layered_scene(seed, speed=0.2 * seed))


def _found(folder: Path, per_video: int) -> Iterator[Pair]:
    from twostream.flow.files import read_flow, read_image
    from twostream.flow.frames import check_same_size
    from twostream.lab.yardsticks.flow import Pair

    if not folder.is_dir():
        raise TwostreamError(
            folder,
            expected="a folder of pairs",
            found="a file" if folder.exists() else "nothing",
            remedy="leave --pairs out for generated pairs",
        )
    nothing = True
    for path in sorted(folder.rglob("*")):
        name = str(path.relative_to(folder))
        if path.stem.endswith("-img0"):
            stem = path.stem.removesuffix("-img0")
            path1, path_of_truth = (
                path.with_name(f"{stem}-img1{path.suffix}"),
                path.with_name(f"{stem}-gt.flo"),
            )
            frame0, frame1 = read_image(path), read_image(path1)
            truth = read_flow(path_of_truth) if path_of_truth.exists() else None
            for other, its_path in ((frame1, path1), (truth, path_of_truth)):
                if other is not None:
                    check_same_size(frame0, other, str(its_path))
            yield Pair(name.replace("-img0", ""), frame0, frame1, truth)
            nothing = False
        elif path.suffix.lower() in VIDEO_SUFFIXES:
            for k, frame0, frame1 in _video_pairs(path, per_video):
                yield Pair(f"{name}, frame {k}", frame0, frame1)
                nothing = False
    if nothing:
        raise TwostreamError(
            folder,
            expected="videos, or pictures NAME-img0.* and NAME-img1.*",
            found="none",
            remedy="leave --pairs out for generated pairs",
        )


def _video_pairs(path: Path, count: int) -> Iterable[tuple[int, Any, Any]]:
    from twostream.flow.frames import grey
    from twostream.video.decode import open_video

    with open_video(path) as video:
        frames = [grey(frame) for frame in video.frames()]
    starts = sorted({(2 * k + 1) * (len(frames) - 1) // (2 * count) for k in range(count)})
    return [(k, frames[k], frames[k + 1]) for k in starts if k + 1 < len(frames)]


def _environment() -> dict[str, Any]:
    import platform
    from importlib.metadata import version

    import llvmlite.binding as llvm  # type: ignore[import-untyped]

    from twostream.environment import available_cores
    from twostream.version import __version__

    packages = ("numba", "llvmlite", "numpy", "opencv-contrib-python-headless")
    return {
        "twostream": __version__,
        "python": platform.python_version(),
        "processor": llvm.get_host_cpu_name(),
        "cores": available_cores(),
        **{name: version(name) for name in packages},
    }
