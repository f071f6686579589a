"""Lists of a split of the generated clips, in the form of the official lists of UCF-101."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from twostream.atomic import write_text
from twostream.errors import TwostreamError
from twostream.lab.generated.actions import CLASSES
from twostream.lab.generated.dataset import clip_name


def write_split_lists(
    folder: Path,
    *,
    groups_per_class: int = 10,
    clips_per_group: int = 3,
    test_groups: int = 3,
    classes: Sequence[str] = CLASSES,
) -> Path:
    """Write ``classInd.txt``, ``trainlist01.txt`` and ``testlist01.txt``; return `folder`.

    As in UCF-101 the first groups of every class are its test part. All classes of a group share
    one actor and one room, so the test part shows only actors and rooms that training never saw.
    Raises TwostreamError unless both parts have at least one group.

    >>> import tempfile
    >>> folder = write_split_lists(Path(tempfile.mkdtemp()), groups_per_class=2, test_groups=1)
    >>> (folder / "trainlist01.txt").read_text().splitlines()[0]
    'sit_down/v_sit_down_g02_c01.avi 1'
    """
    if not 0 < test_groups < groups_per_class:
        raise TwostreamError(
            "test_groups",
            expected=f"1 to {groups_per_class - 1} of the {groups_per_class} groups",
            found=str(test_groups),
            remedy="leave groups on both sides of the split",
        )
    lines: dict[str, list[str]] = {"train": [], "test": []}
    for number, class_name in enumerate(classes, start=1):
        for group in range(1, groups_per_class + 1):
            side, label = ("test", "") if group <= test_groups else ("train", f" {number}")
            lines[side] += [
                f"{class_name}/{clip_name(class_name, group=group, clip=clip)}{label}"
                for clip in range(1, clips_per_group + 1)
            ]
    index = "".join(f"{number} {name}\n" for number, name in enumerate(classes, start=1))
    write_text(folder / "classInd.txt", index)
    for side, names in lines.items():
        write_text(folder / f"{side}list01.txt", "\n".join(names) + "\n")
    return folder
