"""What people publish of labelled behaviour: bouts, how long, when first, what follows what.

A bout is one stretch without a break in which somebody does one thing (Martin and Bateson, Measuring
Behaviour, on recording methods): intervals of one label that touch or overlap are one bout. Latency is the
time from the beginning of the video to the first bout; the share is of the time observed. A transition
leads from a bout to the one of the same subject that begins next (Bakeman and Gottman, Observing
Interaction, on sequences).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

# Times are rounded to thousandths by most tools.
TOUCHING_SECONDS = 1e-3
ALL = "(all)"


@dataclass(frozen=True, order=True)
class Bout:
    """Somebody does something from `start_s` on and before `end_s`; a moment has no length."""

    video: str
    subject: str
    start_s: float
    end_s: float
    label: str

    @property
    def duration_s(self) -> float:
        """How long it is, in seconds."""
        return self.end_s - self.start_s


@dataclass(frozen=True)
class BoutMeasures:
    """Bouts of one label, of one subject and in one video, or of all where these are `ALL`.

    Attributes
    ----------
    bouts : how many.
    total_s, mean_s : their duration; the mean is None where all are moments.
    latency_s : time to the first one, the mean over videos that have any.
    share : of the time observed, from 0 to 1; None where that is not known.
    per_minute : bouts a minute observed; None where that is not known.
    """

    video: str
    subject: str
    label: str
    bouts: int
    total_s: float
    mean_s: float | None
    latency_s: float
    share: float | None
    per_minute: float | None


def joined(intervals: Iterable[Bout]) -> list[Bout]:
    """Bouts of intervals: those of one video, subject and label that touch or overlap are one.

    >>> joined([Bout("a", "", 0, 2, "run"), Bout("a", "", 2, 3, "run"), Bout("a", "", 4, 5, "run")])
    [Bout(video='a', subject='', start_s=0, end_s=3, label='run'), \
Bout(video='a', subject='', start_s=4, end_s=5, label='run')]
    """
    bouts: list[Bout] = []
    last: dict[tuple[str, str, str], int] = {}
    for one in sorted(intervals):
        key = (one.video, one.subject, one.label)
        place = last.get(key)
        if place is not None and one.start_s <= bouts[place].end_s + TOUCHING_SECONDS:
            before = bouts[place]
            end = max(before.end_s, one.end_s)
            bouts[place] = Bout(one.video, one.subject, before.start_s, end, one.label)
        else:
            last[key] = len(bouts)
            bouts.append(one)
    return bouts


def measures(bouts: Sequence[Bout], observed_s: Mapping[str, float]) -> list[BoutMeasures]:
    """Measures by label, subject and video, and over `ALL` videos and subjects where there are several.

    `observed_s` says how long each video was observed, those without any bout too. The share of several
    subjects together is that of their time: two subjects that are observed for a minute each have two.
    Bouts without a subject are those of one more.

    >>> (one,) = measures([Bout("a", "", 1, 3, "run")], {"a": 10.0})
    >>> one.bouts, one.total_s, one.latency_s, one.share
    (1, 2, 1.0, 0.2)
    """
    subjects = sorted({one.subject for one in bouts})
    videos = sorted(observed_s)
    found: dict[tuple[str, str, str], list[Bout]] = {}
    for one in bouts:
        of_video = [one.video] if len(videos) == 1 else [one.video, ALL]
        of_subject = [one.subject] if len(subjects) == 1 else [one.subject, ALL]
        for video in of_video:
            for subject in of_subject:
                found.setdefault((video, subject, one.label), []).append(one)
    rows = []
    for (video, subject, label), some in sorted(found.items()):
        in_videos = [video] if video != ALL else videos
        known = all(name in observed_s for name in in_videos)
        people = len(subjects) if subject == ALL else 1
        time = people * sum(observed_s[name] for name in in_videos) if known else None
        total = sum(one.duration_s for one in some)
        lasting = sum(one.duration_s > 0 for one in some)
        firsts = [
            min(one.start_s for one in some if (one.video, one.subject) == key)
            for key in {(one.video, one.subject) for one in some}
        ]
        rows.append(
            BoutMeasures(
                video,
                subject,
                label,
                len(some),
                total,
                total / lasting if lasting else None,
                sum(firsts) / len(firsts),
                total / time if time else None,
                60 * len(some) / time if time else None,
            )
        )
    return rows


def transitions(bouts: Iterable[Bout]) -> Counter[tuple[str, str]]:
    """How often a bout of the first label is followed by one of the second, of the same subject and video.

    >>> transitions([Bout("a", "", 0, 1, "run"), Bout("a", "", 4, 5, "walk"), Bout("b", "", 6, 7, "run")])
    Counter({('run', 'walk'): 1})
    """
    sequences: dict[tuple[str, str], list[Bout]] = {}
    for one in bouts:
        sequences.setdefault((one.video, one.subject), []).append(one)
    counts: Counter[tuple[str, str]] = Counter()
    for sequence in sequences.values():
        ordered = sorted(sequence, key=lambda one: (one.start_s, one.end_s, one.label))
        for one, following in pairwise(ordered):
            counts[one.label, following.label] += 1
    return counts
