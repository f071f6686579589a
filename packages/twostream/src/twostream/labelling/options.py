"""What can be said of files of labels that they do not say themselves."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

from twostream.errors import TwostreamError
from twostream.options import check_options, option
from twostream.paths import READ

ExistingPath = Annotated[Path, READ]
ALL = "all"
EACH = "each"
LARGEST = "largest"


@dataclass(frozen=True, kw_only=True)
class LabelOptions:
    """How files of labels are read."""

    videos: ExistingPath | None = option(
        None,
        "Folder of the videos that labels of BORIS, ELAN, … name, or the one video that they label. "
        "Default: where the labels are.",
    )
    subject: str | None = option(
        None,
        "Of files of labels: comma-separated names of the only subjects to use; `each` makes one sequence "
        "of each subject, so that two may act at once.",
    )
    label_rate: float | None = option(
        None,
        "Frames a second by which files of labels count, where they do not say so.",
        above=0,
    )
    label_config: ExistingPath | None = option(
        None,
        "File with what labels leave out: Label Studio's configuration, Charades' classes, VIA's project, "
        "names of numbered classes.",
    )
    tier: str | None = option(
        None, "Of ELAN files: comma-separated names of the only tiers to use, notes too."
    )
    attribute: str | None = option(
        None,
        "The attribute or column that is the label: of VIA, CVAT, or EPIC-KITCHENS (`verb`, `noun`, …).",
    )
    subject_from: str | None = option(None, "The attribute that names the subject, of VIA or CVAT.")
    annotator: str | None = option(
        None, "The only person whose labels are used, where several labelled the same."
    )
    predictions: bool = option(
        False, "Read what a model predicted, too: of Label Studio and of ActivityNet results."
    )

    def __post_init__(self) -> None:
        """Refuse values that nothing could be read with."""
        check_options(self)

    @property
    def subjects(self) -> tuple[str, ...] | None:
        """The only subjects to use; None for all."""
        if self.subject is None or self.subject == EACH:
            return None
        return tuple(name.strip() for name in self.subject.split(",") if name.strip())

    @property
    def tiers(self) -> tuple[str, ...] | None:
        """The only tiers to use; None for all that have times."""
        if self.tier is None:
            return None
        return tuple(name.strip() for name in self.tier.split(",") if name.strip())


def check_named(option_name: str, asked: str | None, known: Iterable[str]) -> None:
    """Raise TwostreamError for a name that none of the `known` is."""
    names = list(dict.fromkeys(known))
    if asked is not None and asked not in names:
        raise TwostreamError(
            option_name,
            expected=f"one of {', '.join(names[:20])}",
            found=asked or "nothing",
            remedy="name one of them",
        )


@dataclass(frozen=True, kw_only=True)
class ClipLabelOptions(LabelOptions):
    """How files of labels are read to cut clips, and what is made of what they leave unlabelled."""

    background: str | None = option(
        None,
        "Make a class `background` of what is unlabelled in labelled videos: `largest` takes as many "
        "clips as the largest class has, `all` everything, a number so many.",
    )
    point_seconds: float | None = option(
        None,
        "Length of the clip that a label of one moment becomes, which is its middle. Default: left out.",
        above=0,
    )

    multi_label: bool = option(
        False,
        "Several labels may hold at once: stretches are cut where labels change, each clip has a set of "
        "labels, and networks say of each label by itself whether it holds.",
        brief="Several labels may hold at once; each is learnt by itself.",
    )

    def __post_init__(self) -> None:
        """Refuse values that nothing could be read with."""
        check_options(self)
        asked = self.background
        if asked is None or asked in (ALL, LARGEST):
            return
        if not asked.isdecimal() or int(asked) < 1:
            raise TwostreamError(
                "--background",
                expected=f"{LARGEST}, {ALL} or a number of clips",
                found=asked or "nothing",
                remedy=f"--background {LARGEST}",
            )
