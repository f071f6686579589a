"""The networks that a user means: a bundle, a run, or one split of a run over several."""

from __future__ import annotations

from pathlib import Path

from twostream.errors import TwostreamError
from twostream.evaluation.split_results import split_folder
from twostream.events import say, warn
from twostream.training.bundle import is_trained_stream
from twostream.training.final import folder_for_use, has_final
from twostream.training.two_streams import STREAMS, TwoStreamBundle, read_two_streams


def read_run(run: Path, *, split: int | None = None) -> TwoStreamBundle:
    """The trained streams of a run or a bundle; of a run over several splits those of one, which is told.

    Of a run with a final model that is taken, unless a `split` is asked for. Raises TwostreamError where
    there are none, and for a `split` that is not there.
    """
    require_run_folder(run)
    numbers = _splits(run)
    if split is None and has_final(run):
        say(
            f"{run}: the final model is used, which was trained on all clips; --split chooses a split"
        )
    elif split is None and not _has_streams(run) and numbers:
        split = numbers[0]
        others = f" of {', '.join(map(str, numbers))}" if len(numbers) > 1 else ""
        say(f"{run}: split {split}{others} is used; --split chooses another")
    elif split is not None and split not in numbers:
        raise TwostreamError(
            "--split",
            expected=f"one of {', '.join(map(str, numbers))}" if numbers else "a run over splits",
            found=f"{split}",
            remedy="choose from these" if numbers else "leave it out",
        )
    folder = folder_for_use(run) if split is None else split_folder(run, split)
    bundle = read_two_streams(folder)
    for stream in sorted(set(STREAMS) - {one.stream for one in bundle.streams}):
        (only,) = bundle.streams
        warn(f"{run} has no {stream} stream: what is told as fused is the {only.stream} one alone")
    return bundle


def require_run_folder(run: Path) -> None:
    """Raise TwostreamError for a file: a video, say, that was named before the run."""
    if not run.is_dir():
        raise TwostreamError(
            run,
            expected="the folder of a run or of a bundle",
            found="a file",
            remedy="name the folder that has spatial/ or temporal/ in it",
        )


def _has_streams(run: Path) -> bool:
    return any(is_trained_stream(run / stream) for stream in STREAMS)


def _splits(run: Path) -> list[int]:
    numbers = (path.name.removeprefix("split") for path in run.glob("split*"))
    return sorted(
        int(number)
        for number in numbers
        if number.isdecimal() and _has_streams(split_folder(run, int(number)))
    )
