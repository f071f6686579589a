"""The verb `review`: which stretches of labelled videos are worth a second look."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from twostream.labelling.options import LabelOptions
from twostream.options import check_options, option
from twostream.paths import InputPath, OutputFile
from twostream.prediction.options import PredictOptions
from twostream.verbs.flags import takes_flags
from twostream.verbs.found import Review
from twostream.verbs.paths import checks_paths

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from twostream.prediction.loaded_run import LoadedRun

COLUMNS = ("video", "start_s", "end_s", "reason", "labelled", "predicted", "doubt")


@dataclass(frozen=True, kw_only=True)
class ReviewOptions:
    """How labels are read, and how the videos are looked at."""

    labels: LabelOptions = field(default_factory=LabelOptions)
    predict: PredictOptions = field(default_factory=PredictOptions)
    most: int = option(
        20, "Tell so many stretches, those first that are most worth a look.", least=1
    )

    def __post_init__(self) -> None:
        """Refuse values that nothing could be reviewed with."""
        check_options(self)


@takes_flags(ReviewOptions)
@checks_paths
def review(
    run: InputPath,
    *video: str,
    labels: InputPath,
    options: ReviewOptions,
    csv: OutputFile | None = None,
) -> Review:
    """Rank the stretches of labelled videos that are worth a second look.

    Those where the network's timeline says something else than the labels, where its streams are sure of
    different classes, and where two classes are nearly as likely; long stretches before short ones, for a
    moment around each is watched too. Networks that have learnt from a video's labels agree with their
    faults: of a run over folds (`run LABELS --folds 3`) each video is looked at by those that have not.
    Corrected labels are a source like any: `twostream prepare LABELS --videos DIR`.

    Parameters
    ----------
    run
        Run folder with trained streams, or a bundle.
    video
        The videos: files, folders, patterns. Default: all that the labels are of and --videos has.
    labels
        Their labels as a tool keeps them, a file or a folder; those of other videos are left aside.
    csv
        A CSV file for the stretches.
    """
    from dataclasses import astuple, replace

    from twostream.atomic import write_csv
    from twostream.errors import TwostreamError
    from twostream.events import made, warn
    from twostream.labelling.behaviour import behaviour_of, of_video
    from twostream.labelling.reading import read_labels
    from twostream.labelling.videos import VideoIndex
    from twostream.own_files import require_own_csv
    from twostream.preparation.labelled import VideosOfLabels, videos_of_labels
    from twostream.timelines.review import ranked, second_looks

    run, labels = Path(run), Path(labels)
    if csv is not None:
        require_own_csv(Path(csv), COLUMNS, flag="--csv", what="a table of stretches")
    videos = _named(video)
    if videos and options.labels.videos is None:
        known = VideosOfLabels(VideoIndex(*videos))
    else:
        known = videos_of_labels(labels, options.labels)
    # A folder names its files; one file that names none is of the one video.
    reading = replace(options.labels, videos=None)
    found = read_labels(labels, reading, known.of_name, only_video=known.only)
    if video:
        spelled = {path.resolve(): path for path in known.index.paths}
        videos = [spelled.get(path.resolve(), path) for path in videos]
    else:
        there = (known.find(name) for name in found.videos)
        videos = list(dict.fromkeys(path for path in there if path is not None))
    notes: dict[str, None] = {}
    bouts_of = {}
    names: list[str] = []
    for path in videos:
        own = known.index.relative(path)
        some = of_video(found, own, known.key)
        behaviour = behaviour_of(labels, some, reading, known.key, known.seconds)
        notes |= dict.fromkeys(behaviour.notes)
        names += behaviour.videos
        if own in behaviour.videos:
            bouts_of[path] = [one for one in behaviour.bouts if one.video == own]
    without = [path.name for path in videos if path not in bouts_of]
    if not bouts_of:
        raise TwostreamError(
            labels,
            expected=f"labels of {', '.join(without[:3]) or f'a video in {known.index.folder}'}",
            found=f"labels of {', '.join([*dict.fromkeys(names or found.videos)][:3]) or 'no video'}",
            remedy="give the labels of this video"
            if video
            else "name the videos, or their --videos",
        )
    if without:
        warn(f"{labels} has no labels of {', '.join(without)}: not looked at")
    looks = []
    for networks, paths in _networks(run, list(bouts_of), options.predict):
        predictions = networks.predict([str(path) for path in paths])
        for path, prediction in zip(paths, predictions, strict=True):
            looks += second_looks(
                prediction.windows,
                prediction.intervals,
                bouts_of[path],
                video=known.index.relative(path),
                thresholds=prediction.thresholds,
            )
    looks = ranked(looks)[: options.most]
    if csv is not None:
        write_csv(Path(csv), COLUMNS, map(astuple, looks))
    return made(Review(tuple(path.name for path in bouts_of), tuple(looks), tuple(notes)))


def _named(video: Sequence[str]) -> list[Path]:
    """The files that were named; raises TwostreamError for what is no file of a video."""
    from twostream.errors import TwostreamError
    from twostream.prediction.naming import find_sources

    sources = find_sources(video) if video else []
    if not all(one.is_file for one in sources):
        raise TwostreamError(
            "VIDEO",
            expected="files of videos, which labels can be of",
            found="a camera or an address",
            remedy="name files",
        )
    videos = [Path(one.name) for one in sources]
    return videos if len(videos) == 1 else [path.absolute() for path in videos]


def _networks(
    run: Path, videos: Sequence[Path], options: PredictOptions
) -> Iterable[tuple[LoadedRun, list[Path]]]:
    """The networks that look at each of the videos, which if possible have not learnt from it."""
    from dataclasses import replace

    from twostream.datasets.names import counted
    from twostream.events import say, warn
    from twostream.prediction.unseen import has_learnt, split_without
    from twostream.verbs.load import load

    of_split: dict[int | None, list[Path]] = {}
    for path in videos:
        split = split_without(run, path) if options.split is None else options.split
        of_split.setdefault(split, []).append(path)
    learnt = []
    for split, paths in of_split.items():
        asked = replace(options, split=split, look=replace(options.look, timeline=True))
        learnt += [path.name for path in paths if has_learnt(run, path, split=split)]
        if split is not None and options.split is None:
            by = f"the networks of split {split}, which have not learnt from"
            say(f"{counted(len(paths), 'video')} by {by} {'it' if len(paths) == 1 else 'them'}")
        yield load(run, options=asked), paths
    if learnt:
        shown = ", ".join(learnt[:3]) + (", …" if len(learnt) > 3 else "")
        warn(
            f"the networks have learnt from the labels of {counted(len(learnt), 'video')} ({shown}), and "
            "agree with their faults more than others would: a run over folds (`run LABELS --folds 3`) has "
            "networks for each that have not"
        )
