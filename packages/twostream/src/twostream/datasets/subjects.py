"""Whose clips are whose: the person in a clip, from a table or from names, and clips grouped by person."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from pathlib import PurePosixPath

from twostream.datasets.clips import SourceClip
from twostream.datasets.names import counted, without_extension
from twostream.errors import TwostreamError

# Names of data sets with people of their own, then words that anybody would use.
PATTERNS = (
    # NTU RGB+D: S001C002P003R002A013 (setup, camera, performer, replication, action).
    re.compile(r"S\d{3}C\d{3}P(?P<who>\d{3})R\d{3}A\d{3}(?!\d)"),
    # UTD-MHAD, MSR Action3D and DailyActivity3D: a01_s03_e02 and a1_s3_t2.
    re.compile(r"(?<![^\W_])a\d+_s(?P<who>\d+)_[ert]\d+", re.IGNORECASE),
    # Berkeley MHAD: s01_a05_r02.
    re.compile(r"(?<![^\W_])s(?P<who>\d+)_a\d+_[ert]\d+", re.IGNORECASE),
    # KTH (person01_boxing_d1) and own names: subject-3, participant_b, actor 07.
    re.compile(
        r"(?<![^\W_])(?:person|subject|subj|participant|performer|actor)"
        r"[ _.-]?(?P<who>\d+|[^\W\d_](?![^\W_]))",
        re.IGNORECASE,
    ),
)


def subject_of(clip: SourceClip) -> str | None:
    """The person in a clip: what a table says, else what its name or a folder above it tells.

    >>> from pathlib import Path
    >>> def clip(source):
    ...     return SourceClip("run/1", "run", Path(source), source, "run/1", None)
    >>> subject_of(clip("run/person04_run_d1.avi")), subject_of(clip("run/Subject_4/take2.mp4"))
    ('4', '4')
    >>> subject_of(clip("run/S001C002P003R002A013_rgb.avi")), subject_of(clip("run/holiday.mp4"))
    ('3', None)
    """
    if clip.subject is not None:
        return _spelt(clip.subject)
    *folders, name = PurePosixPath(clip.source).parts
    for text in (without_extension(name), *reversed(folders)):
        for pattern in PATTERNS:
            match = pattern.search(text)
            if match is not None:
                return _spelt(match["who"])
    return None


def _spelt(who: str) -> str:
    """One spelling of a subject: 3 for 003, `anna b` for `Anna  B`."""
    return str(int(who)) if who.isdecimal() else " ".join(who.casefold().split())


def group_by_subject(
    clips: Sequence[SourceClip],
) -> tuple[tuple[SourceClip, ...], list[str]]:
    """The clips with one group for each subject, and notes.

    Subjects who appear in one source video together are one: to leave out one of them alone would leave
    the recording in training. Raises TwostreamError where any clip does not tell its subject.
    """
    subjects = {clip.clip_id: subject_of(clip) for clip in clips}
    untold = [clip for clip in clips if not subjects[clip.clip_id]]
    if untold:
        raise TwostreamError(
            "--leave-out subject",
            expected="the subject of every clip: a column `subject` of a table, or names with "
            "`person01`, `subject 3`, `S001C002P003R002A013`",
            found=f"none for {counted(len(untold), 'clip')} of {len(clips)}, such as "
            f"{untold[0].described}",
            remedy="give a table with a column `subject`, or --leave-out source",
        )
    leader: dict[str, str] = {}

    def first(subject: str) -> str:
        while leader.setdefault(subject, subject) != subject:
            subject = leader[subject]
        return subject

    of_source: dict[str, set[str]] = {}
    for clip in clips:
        of_source.setdefault(clip.group, set()).add(str(subjects[clip.clip_id]))
    for together in of_source.values():
        low, *others = sorted({first(subject) for subject in together})
        leader |= dict.fromkeys(others, low)
    names = Counter(first(str(subject)) for subject in set(subjects.values()))
    grouped = tuple(
        replace(clip, group=f"subject {first(str(subjects[clip.clip_id]))}") for clip in clips
    )
    notes = []
    if shared := sorted(name for name, count in names.items() if count > 1):
        joined = sum(names[name] for name in shared)
        notes.append(
            f"{joined} subjects are left out together with others, since they share recordings: "
            f"{counted(len(names), 'group')} of subjects remain"
        )
    return grouped, notes
