"""Labels frame by frame: a line a frame (MS-TCN), a line of all (its results), a table (DeepEthogram).

Line n, or row n, is frame n from 0 at the set's rate, which is the video's unless it is said.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby

from twostream.datasets.names import counted
from twostream.errors import TwostreamError
from twostream.labelling.collected import Collected
from twostream.labelling.opened import LabelFile
from twostream.labelling.values import number

# What the class of nothing is called in the sets of the field.
NOTHING = frozenset(
    (
        *(
            "background",
            "bg",
            "sil",
            "silence",
            "none",
            "null",
            "nothing",
            "unlabeled",
            "unlabelled",
        ),
        *("no_action", "noaction", "no-action", "action_start", "action_end", "bkg", "n/a", "na"),
        *("no_label", "nolabel", "no-label", "_background_", "__background__"),
    )
)
RESULT = "### Frame level recognition"
BLANK = "a blank line is a frame without a label"
NOT_LOOKED_AT = "rows of -1 were not looked at: neither action nor background"
ENDING = "_labels"
INDEX = ("", "unnamed: 0", "index", "frame")  # as pandas or a spreadsheet writes it back
# Header and decoder may differ by the last frame or two.
CLOSE_FRAMES = 2


def is_nothing(label: str) -> bool:
    """Whether a label stands for the class of nothing.

    >>> is_nothing("SIL"), is_nothing("wave")
    (True, False)
    """
    return label.strip().casefold() in NOTHING


def recognises(file: LabelFile) -> bool:
    """Whether it is one of the three."""
    if not file.is_text or not file.lines:
        return False
    if file.lines[0].startswith(RESULT) or _is_table(file):
        return True
    head = file.lines[:2000]
    if any(len(line.split()) != 1 for line in head):
        return False
    for sign in ",;":  # a table has as many in every line
        counts = {line.count(sign) for line in head}
        if len(counts) == 1 and counts != {0}:
            return False
    # Frames are many and labels few: a list of words is no labels of frames.
    changes = sum(1 for _ in groupby(head))
    return len(head) >= 3 and changes <= max(2, len(head) // 2)


def _is_table(file: LabelFile) -> bool:
    header = file.header
    if len(header) < 3 or header[0] not in INDEX or header[1] != "background":
        return False
    return all(
        number(cell) in (-1, 0, 1) for row in file.rows[:20] for cell in list(row.values())[1:]
    )


def read(file: LabelFile, into: Collected) -> None:
    """Add every run of frames of one class; the class of nothing is none."""
    if _is_table(file):
        _read_table(file, into)
        return
    if file.lines[0].startswith(RESULT):
        labels = [word for line in file.lines[1:] for word in line.split() if line[:3] != "###"]
    else:
        # A blank line is a frame without a label, but for those at the end.
        labels = [line.strip() for line in file.text.rstrip().split("\n")]
        blank = labels.count("")
        if blank:
            into.tell(BLANK, counted(blank, "line"), video=into.default_video, lost=False)
    labels = list(_named(file, labels, into))
    video = into.default_video
    into.saw(video)
    fps = rate(file, video, len(labels), into)
    nothing = sorted({label for label in labels if label and is_nothing(label)})
    if nothing:
        into.note(f"{', '.join(nothing)}: no class, but the lack of one")
    for label, first, end in _runs(labels):
        if label and not is_nothing(label):
            into.frames(video, label, first, end, fps)


def _named(file: LabelFile, labels: Sequence[str], into: Collected) -> Sequence[str]:
    """The labels; numbers are named by --label-config, or a ``mapping.txt`` beside or one folder above."""
    if not all(label.isdecimal() for label in labels if label):
        return labels
    folder = file.path.absolute().parent
    given = into.options.label_config
    beside = [folder / "mapping.txt", folder.parent / "mapping.txt"] if given is None else [given]
    for path in beside:
        if path.is_file():
            pairs = (line.split(maxsplit=1) for line in LabelFile(path).lines)
            names = {pair[0]: pair[1] for pair in pairs if len(pair) == 2}
            return [names.get(label, label) for label in labels]
    return labels


def rate(file: LabelFile, video: str, frames: int, into: Collected) -> float:
    """The rate by which labels of `frames` frames count.

    That which is said; else the video's own, where it has as many frames. Raises TwostreamError where
    neither is known.
    """
    if into.options.label_rate is not None:
        return into.options.label_rate
    facts = into.facts_of(video)
    found = f"{counted(frames, 'label')} of frames, and no such video"
    if facts is not None and facts.fps:
        if facts.frames is not None and abs(facts.frames - frames) <= CLOSE_FRAMES:
            return facts.fps
        length = facts.seconds or (facts.frames or 0) / facts.fps
        found = f"{counted(frames, 'label')} of frames, and {facts.frames or '?'} frames in {video}"
        if length:
            found += f" ({frames / length:.4g} labels a second)"
    raise TwostreamError(
        file.path,
        expected="the rate by which its frames count",
        found=found,
        remedy="say it by --label-rate",
    )


def _runs(labels: Sequence[str]) -> Iterator[tuple[str, int, int]]:
    first = 0
    for label, same in groupby(labels):
        end = first + sum(1 for _ in same)
        yield label, first, end
        first = end


def _read_table(file: LabelFile, into: Collected) -> None:
    header, *rows = file.cells(file.delimiter)
    names = [name.strip() for name in header]
    video = into.default_video.removesuffix(ENDING)
    into.saw(video)
    facts = into.facts_of(video)
    fps = into.options.label_rate or (facts.fps if facts else None)
    if fps is None:
        fps = rate(file, video, len(rows), into)
    elif facts and facts.frames is not None and abs(facts.frames - len(rows)) > CLOSE_FRAMES:
        into.note(
            f"{file.path.name} has {counted(len(rows), 'row')}, "
            f"and {video} {counted(facts.frames, 'frame')}"
        )
    columns = [
        [number(row[c]) if c < len(row) else None for row in rows] for c in range(len(names))
    ]
    for name, column in zip(names[1:], columns[1:], strict=True):
        if is_nothing(name):
            continue
        for value, first, end in _runs([str(cell) for cell in column]):
            if value == "1.0":
                into.frames(video, name, first, end, fps)
    looked_at = [
        all(column[n] is None or column[n] != -1 for column in columns[1:])
        for n in range(len(rows))
    ]
    for seen, first, end in _runs([str(one) for one in looked_at]):
        if seen == "False":
            into.unsure(video, first / fps, end / fps, reason=NOT_LOOKED_AT)
