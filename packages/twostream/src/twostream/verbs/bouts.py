"""The verb `bouts`: the numbers that people publish of labelled behaviour, and how well two agree."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from twostream.datasets.names import counted
from twostream.labelling.options import LabelOptions
from twostream.options import check_options, option
from twostream.paths import InputPath, OutputFolder
from twostream.verbs.flags import takes_flags
from twostream.verbs.found import Bouts
from twostream.verbs.paths import checks_paths

if TYPE_CHECKING:
    from twostream.labelling.behaviour import Behaviour
    from twostream.timelines.agreement import Agreement


OF_ONE_FILE = ("labels", "compared with")
# What a call with --against makes beside the rest: none of an earlier call may be taken for the next one's.
AGREEMENT = ("agreement.csv", "confusion_frames.csv", "confusion_bouts.csv")
HEADS: dict[str, tuple[str, ...]] = {
    "bouts.csv": ("video", "subject", "label", "bouts"),
    "transitions.csv": ("from", "to", "count", "share"),
    "agreement.csv": ("unit", "label", "units", "observed", "kappa"),
    "confusion_frames.csv": ("labels",),
    "confusion_bouts.csv": ("labels",),
}


@dataclass(frozen=True, kw_only=True)
class BoutOptions:
    """How labels are read and compared."""

    labels: LabelOptions = field(default_factory=LabelOptions)
    against_annotator: str | None = option(
        None, "The only person whose labels are used of --against, which may be the same file."
    )
    fps: float = option(
        25.0, "Frames a second by which agreement of frames is counted.", above=0, most=1000
    )
    overlap: float = option(
        0.5,
        "Intersection over union from which on two bouts are a pair.",
        above=0,
        most=1,
    )

    def __post_init__(self) -> None:
        """Refuse values that nothing could be compared with."""
        check_options(self)


@takes_flags(BoutOptions)
@checks_paths
def bouts(
    labels: InputPath,
    *,
    out: OutputFolder,
    options: BoutOptions,
    against: InputPath | None = None,
) -> Bouts:
    """Count bouts: number, duration, latency, share of time, transitions; agreement of two people.

    Writes bouts.csv, transitions.csv and ethogram.svg into OUT; with --against, agreement.csv (Cohen's
    kappa by frames and by bouts) and the tables behind it, confusion_frames.csv and confusion_bouts.csv.

    Parameters
    ----------
    labels
        Labels as tools keep them, a file or a folder; predictions too (`predict --intervals`, `--to`).
    out
        Folder for the tables and the picture.
    against
        Labels of the same videos by somebody else.
    """
    from twostream.events import made
    from twostream.labelling.behaviour import behaviour_of
    from twostream.labelling.reading import read_labels
    from twostream.own_files import require_own, require_own_csv
    from twostream.preparation.labelled import videos_of_labels
    from twostream.timelines.agreement import by_bout, by_frame, of_same_subjects
    from twostream.timelines.bouts import measures, transitions

    named, out = Path(labels), Path(out)
    for name, head in HEADS.items():
        require_own_csv(out / name, head, flag="--out", what="a table of bouts")
    picture = out / "ethogram.svg"
    require_own(
        picture,
        lambda: 'id="ethogram-title"' in picture.read_text(encoding="utf-8", errors="replace"),
        flag="--out",
        what="an ethogram",
    )
    known = videos_of_labels(named, options.labels)

    def read(path: Path, annotator: str | None) -> Behaviour:
        chosen = replace(options.labels, annotator=annotator)
        found = read_labels(path, chosen, known.of_name, only_video=known.only)
        return behaviour_of(path, found, chosen, known.key, known.seconds)

    first = read(named, options.labels.annotator)
    second = None if against is None else read(Path(against), options.against_annotator)
    observed, notes = _observed([first], known.seconds)
    rows = measures(first.bouts, observed)
    agreements: dict[str, Agreement] = {}
    by_label: dict[tuple[str, str], Agreement] = {}
    shown = observed
    if second is not None:
        both, notes = _observed([first, second], known.seconds)
        shown = {**observed, **both}
        common, left_out = _common(named, first, second)
        notes += left_out
        one, other = ([b for b in some.bouts if b.video in common] for some in (first, second))
        one, other, apart = of_same_subjects(one, other)
        if apart:
            notes.append(
                f"one names several subjects and the other none, so that nothing agrees: {_some(apart)}"
            )
        seen = {video: both[video] for video in common}
        count = partial(by_frame, one, other, seen, fps=options.fps)
        agreements["frames"] = count()
        for name in sorted({b.label for b in (*one, *other) if b.duration_s}):
            by_label["frames", name] = count(only=name)
        pairs = agreements["bouts"] = by_bout(one, other, overlap=options.overlap)
        by_label |= {("bouts", name): pairs.of_class(name) for name in pairs.labels}
    result = Bouts(
        out,
        tuple(rows),
        dict(transitions(first.bouts)),
        agreements,
        by_label,
        (*first.notes, *(() if second is None else second.notes), *notes),
    )
    names = (named.name, "" if against is None else Path(against).name)
    _write(result, first, second, shown, names if names[0] != names[1] else OF_ONE_FILE)
    return made(result)


def _observed(
    some: Sequence[Behaviour], seconds: Callable[[str], float | None]
) -> tuple[dict[str, float], list[str]]:
    """How long each video was observed: its length, or, where that is not known, to its last label."""
    observed: dict[str, float] = {}
    guessed = 0
    for video in dict.fromkeys(name for one in some for name in one.videos):
        last = max((b.end_s for one in some for b in one.bouts if b.video == video), default=0.0)
        length = seconds(video)
        guessed += length is None
        observed[video] = last if length is None else length
    notes = []
    if guessed:
        notes.append(
            f"{guessed} of {counted(len(observed), 'video')} are not there (--videos): observed up to the "
            "last label, as far as is known"
        )
    return observed, notes


def _common(named: Path, first: Behaviour, second: Behaviour) -> tuple[list[str], list[str]]:
    """The videos that both looked at, in which alone they can agree, and sentences on the others.

    Raises TwostreamError where there is none.
    """
    from twostream.errors import TwostreamError

    common = [video for video in first.videos if video in second.videos]
    if not common:
        raise TwostreamError(
            named,
            expected="labels of the same videos as --against",
            found=f"labels of {_some(first.videos)}, and of {_some(second.videos)} there",
            remedy="give labels of at least one video that both labelled",
        )
    notes = []
    for whose, one, other in (("LABELS", first, second), ("--against", second, first)):
        alone = [video for video in one.videos if video not in other.videos]
        if alone:
            notes.append(
                f"agreement is that of {counted(len(common), 'video')} that both labelled; "
                f"{counted(len(alone), 'video')} of {whose} alone left out of it: {_some(alone)}"
            )
    return common, notes


def _some(names: Sequence[str]) -> str:
    return ", ".join(names[:3]) + (", …" if len(names) > 3 else "")


def _write(
    result: Bouts,
    first: Behaviour,
    second: Behaviour | None,
    observed: dict[str, float],
    names: tuple[str, str],
) -> None:
    from dataclasses import asdict

    from twostream.atomic import write_csv, write_text
    from twostream.reporting.svg_ethogram import ethogram
    from twostream.timelines.bouts import ALL

    rows: Sequence[dict[str, object]] = [asdict(one) for one in result.measures]
    columns = tuple(rows[0]) if rows else ()
    write_csv(
        result.folder / "bouts.csv", columns, [[row[name] for name in columns] for row in rows]
    )
    totals: dict[str, int] = {}
    for (before, _), count in result.transitions.items():
        totals[before] = totals.get(before, 0) + count
    write_csv(
        result.folder / "transitions.csv",
        HEADS["transitions.csv"],
        [
            (before, after, count, count / totals[before])
            for (before, after), count in sorted(result.transitions.items())
        ],
    )
    if not result.agreements:
        for name in AGREEMENT:
            (result.folder / name).unlink(missing_ok=True)
    else:
        write_csv(
            result.folder / "agreement.csv",
            HEADS["agreement.csv"],
            [
                (unit, name, one.units, one.observed, one.kappa)
                for (unit, name), one in (
                    *(((unit, ALL), one) for unit, one in result.agreements.items()),
                    *result.by_label.items(),
                )
            ],
        )
    for unit, agreement in result.agreements.items():
        classes = agreement.classes
        write_csv(
            result.folder / f"confusion_{unit}.csv",
            ("labels", *classes),
            [(one, *(agreement.table[one, other] for other in classes)) for one in classes],
        )
    other = () if second is None else second.bouts
    picture = ethogram(first.bouts, observed, against=other, names=names)
    write_text(result.folder / "ethogram.svg", picture.standalone())
