"""Which networks of a run have not learnt from a video: only they can tell that its labels are wrong.

A network that was trained on a video's labels has learnt their faults with them, and agrees with them more
than it should. Of a run over folds each recording was left to one split, whose networks never saw it: the
same out-of-sample predictions by which faulty labels are found elsewhere (Northcutt, Jiang and Chuang,
Confident Learning, 2021).
"""

from __future__ import annotations

from pathlib import Path

from twostream.evaluation.split_results import is_trained, split_folder, trained_splits
from twostream.training.final import folder_for_use, has_final
from twostream.training.learnt_clips import has_learnt_from
from twostream.training.two_streams import STREAMS


def split_without(run: Path, video: Path) -> int | None:
    """The first split of a run over several whose networks have not learnt from `video`; None for none."""
    found = (n for n in trained_splits(run) if not has_learnt(run, video, split=n))
    return next(found, None)


def has_learnt(run: Path, video: Path, *, split: int | None = None) -> bool:
    """Whether the networks that `read_run` gives have learnt from `video`, as far as their folder tells."""
    folder = _folder(run, split)
    return any(has_learnt_from(folder / stream, video) for stream in STREAMS)


def _folder(run: Path, split: int | None) -> Path:
    numbers = trained_splits(run)
    if split is None and not has_final(run) and not is_trained(run) and numbers:
        split = numbers[0]
    return folder_for_use(run) if split is None else split_folder(run, split)
