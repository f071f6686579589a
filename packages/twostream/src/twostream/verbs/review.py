"""The verb `review`: which stretches of a labelled video are worth a second look."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from twostream.labelling.options import LabelOptions
from twostream.options import check_options, option
from twostream.paths import InputPath, OutputFile
from twostream.prediction.options import PredictOptions
from twostream.verbs.flags import takes_flags
from twostream.verbs.found import Review
from twostream.verbs.paths import checks_paths

COLUMNS = ("start_s", "end_s", "reason", "labelled", "predicted", "doubt")


@dataclass(frozen=True, kw_only=True)
class ReviewOptions:
    """How labels are read, and how the video is looked at."""

    labels: LabelOptions = field(default_factory=LabelOptions)
    predict: PredictOptions = field(default_factory=PredictOptions)
    most: int = option(20, "Tell so many stretches, those with the most doubt first.", least=1)

    def __post_init__(self) -> None:
        """Refuse values that nothing could be reviewed with."""
        check_options(self)


@takes_flags(ReviewOptions)
@checks_paths
def review(
    run: InputPath,
    video: InputPath,
    *,
    labels: InputPath,
    options: ReviewOptions,
    csv: OutputFile | None = None,
) -> Review:
    """Rank the stretches of a labelled video that are worth a second look.

    Those where the network is sure of something else than the labels, where its streams are sure of
    different classes, and where two classes are nearly as likely. Corrected labels are a source like any:
    `twostream prepare LABELS --videos DIR`.

    Parameters
    ----------
    run
        Run folder with trained streams, or a bundle.
    video
        The video.
    labels
        Its labels as a tool keeps them, a file or a folder; those of other videos are left aside.
    csv
        A CSV file for the stretches.
    """
    from dataclasses import astuple, replace

    from twostream.atomic import write_csv
    from twostream.errors import TwostreamError
    from twostream.events import made
    from twostream.labelling.behaviour import behaviour_of, of_video
    from twostream.labelling.reading import read_labels
    from twostream.own_files import require_own_csv
    from twostream.preparation.labelled import videos_of_labels
    from twostream.timelines.review import second_looks
    from twostream.verbs.load import load

    video, labels = Path(video), Path(labels)
    if csv is not None:
        require_own_csv(Path(csv), COLUMNS, flag="--csv", what="a table of stretches")
    reading = replace(options.labels, videos=video)
    known = videos_of_labels(labels, reading)
    # A folder names its files; one file that names none is of this video.
    found = read_labels(labels, replace(reading, videos=None), known.of_name, only_video=video.name)
    own = known.key(video.name)
    found = of_video(found, own, known.key)
    behaviour = behaviour_of(labels, found, reading, known.key, known.seconds)
    bouts = [one for one in behaviour.bouts if one.video == own]
    if own not in behaviour.videos:
        raise TwostreamError(
            labels,
            expected=f"labels of {video.name}",
            found=f"labels of {', '.join(behaviour.videos[:3]) or 'no video'}",
            remedy="give the labels of this video",
        )
    look = replace(options.predict.look, timeline=True)
    prediction = load(run, options=replace(options.predict, look=look)).predict(video)
    looks = second_looks(
        prediction.windows, bouts, most=options.most, thresholds=prediction.thresholds
    )
    if csv is not None:
        write_csv(Path(csv), COLUMNS, map(astuple, looks))
    return made(Review(video.name, tuple(looks), behaviour.notes))
