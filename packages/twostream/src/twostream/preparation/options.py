"""What `prepare` can be told about a clip's extraction."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from twostream.choices import Algorithm, Layout, LeaveOut, Preset, ValPart
from twostream.datasets.crops import required_crop
from twostream.datasets.folds import FEWEST_FOLDS, Folds
from twostream.datasets.selection import Selection, parse_classes
from twostream.errors import TwostreamError
from twostream.execution.choosing import CLUSTER_HELP, check_cluster
from twostream.fingerprints import values_with_earlier_ones
from twostream.labelling.options import ClipLabelOptions
from twostream.options import check_options, option
from twostream.paths import READ
from twostream.suggestions import nearest

if TYPE_CHECKING:
    from twostream.sources.specification import FlowSpecification

LOWEST_FPS = 0.01  # a frame every hundred seconds
AnnotationsFolder = Annotated[Path, READ]


@dataclass(frozen=True, kw_only=True)
class ExtractionOptions:
    """How every clip of a data set is extracted; a clip made with other options is made again.

    With `fps`, the frames nearest to so many moments a second are used; None takes them as recorded.
    """

    flow: Algorithm = option(
        "tvl1",
        "Optical flow: `tvl1` is the field's standard (`tvl1-opencv`: OpenCV's own, slow), "
        "`dis` the fastest.",
        brief="Optical flow; dis is the fastest.",
        main=True,
    )
    flow_preset: Preset = option(
        "exact", "For tvl1: `exact`, the faster `fast`, or `deep`, which follows large motion."
    )
    bound_px: float = option(
        20.0,
        "Largest motion kept, in pixels per step; stored as 127 codes on either side of zero.",
        flag="bound",
        least=1e-3,
    )
    short_side_px: int | None = option(
        None,
        "Stored size of the short side in pixels; never enlarges. Default: 256, or less if native is.",
        flag="short-side",
        least=16,
    )
    step: int = option(1, "Use every step-th frame.", least=1)
    jpeg_quality: int = 95
    layout: Layout = option(
        "archive", "`archive`: one file a clip. `rawframes`: classic folders of JPEGs."
    )
    fps: float | None = option(
        None,
        "Use the frames nearest to so many moments a second; none twice. Default: all, as recorded.",
        before=None,
        least=LOWEST_FPS,
    )
    crop: str | None = option(
        None,
        "Use only this part of every picture: x,y,width,height in pixels, from the upper left corner of "
        "the picture as players show it. For fixed cameras. A table's column `crop` does it clip by clip. "
        "Default: all of it.",
        brief="Use only the part x,y,width,height of every picture, in pixels.",
        before=None,
    )

    def __post_init__(self) -> None:
        """Refuse values that no clip could be made with."""
        check_options(self)
        if self.crop is not None:
            # One spelling, for clips are known by it.
            object.__setattr__(self, "crop", str(required_crop(self.crop)))
        if self.fps is not None and self.step != 1:
            raise TwostreamError(
                "--fps",
                expected="a rate of frames without --step beside it",
                found=f"--step {self.step}",
                remedy="leave one of them out: both say which frames are used",
            )

    def flow_parameters(self) -> dict[str, Any]:
        """What `clip.json` records of the flow algorithm beside its name."""
        from twostream.flow.tv_l1.parameters import TVL1Parameters

        if self.flow != "tvl1":
            return {}
        return {"preset": self.flow_preset, **asdict(TVL1Parameters.preset(self.flow_preset))}

    def has_flow_parameters(self, stored: Mapping[str, Any]) -> bool:
        """Whether flow that was `stored` with these parameters is what these options make.

        A parameter that was added later and is missing had the value by which versions without it worked;
        one that is not known here is ignored.
        """
        from twostream.flow.tv_l1.parameters import TVL1Parameters

        wanted = self.flow_parameters()
        there = values_with_earlier_ones(TVL1Parameters, stored) if wanted else {}
        there |= {name: stored[name] for name in wanted if name in stored}
        return {name: there.get(name) for name in wanted} == wanted

    def specification(self) -> FlowSpecification:
        """How images and flow are made of a video, as a trained network keeps it."""
        from twostream.sources.specification import FlowSpecification

        return FlowSpecification(
            algorithm=self.flow,
            parameters=self.flow_parameters(),
            bound_px=self.bound_px,
            step=self.step,
            short_side_px=self.short_side_px,
            jpeg_quality=self.jpeg_quality,
            fps=self.fps,
            crop=self.crop,
        )

    def to_dict(self) -> dict[str, Any]:
        """Plain values, for `prepare.yaml`."""
        return asdict(self)


@dataclass(frozen=True, kw_only=True)
class PrepareOptions:
    """What `prepare` makes of a source: which clips, how they are split, and how it works."""

    extraction: ExtractionOptions = field(default_factory=ExtractionOptions)
    labels: ClipLabelOptions = field(default_factory=ClipLabelOptions)
    annotations: AnnotationsFolder | None = option(
        None,
        "Folder of the official HMDB-51 (`<class>_test_split1.txt` …) or UCF-101 (`trainlist01.txt` …) "
        "lists. Without it: a random 70/30 split that keeps clips of one source video together.",
        brief="Folder of the official lists of HMDB-51 or UCF-101.",
        main=True,
    )
    folds: int | None = option(
        None,
        "Split into so many folds, by source video and evenly over the classes: split k tests fold k, so "
        "that every clip is tested once.",
        brief="Make folds: every clip is tested once.",
        least=FEWEST_FOLDS,
        main=True,
    )
    leave_out: LeaveOut | None = option(
        None,
        "A split for each `source` video or `subject` (a table's column `subject`, or names such as "
        "`person01`) that tests its clips and trains on all others.",
    )
    val_part: ValPart | None = option(
        None,
        "What clips that the source calls val are for: `validation` (to choose the epoch) or `test`. "
        "Default: validation; test where folders or lists have no test part.",
    )
    classes: str | None = option(
        None, "Comma-separated names of the only classes to use. Default: all.", main=True
    )
    limit: int | None = option(
        None, "Use at most that many clips, evenly over the classes.", least=2
    )
    workers: int | None = option(
        None, "Processes that extract. Default: one a core.", least=1, main=True
    )
    cluster: str | None = option(None, CLUSTER_HELP, before=None)
    name: str | None = option(
        None,
        "Name of the data set in results. Default: hmdb51 or ucf101 by its annotations, else the folder's.",
    )
    seed: int = option(0, "Seed of everything random, such as a split.", least=0, main=True)
    timeout: float = option(
        3600.0, "Seconds without a new frame after which a clip is given up.", least=1
    )
    strict: bool = option(
        False,
        "End with status 2, after all else is done, where anything is in problems.csv, warnings too.",
    )

    def __post_init__(self) -> None:
        """Refuse values that nothing could be prepared with."""
        check_options(self)
        check_cluster(self.cluster)
        _ = self.drawn_folds

    @property
    def drawn_folds(self) -> Folds | None:
        """The folds that are asked for; raises TwostreamError for two kinds at once."""
        if self.folds is None and self.leave_out is None:
            return None
        return Folds(self.folds, self.leave_out)

    @property
    def selection(self) -> Selection:
        """Which clips to use; raises TwostreamError for names that are none."""
        return Selection(classes=parse_classes(self.classes), limit=self.limit)


def one_of(flag: str, value: str, known: Sequence[str]) -> None:
    """Raise TwostreamError unless the value of `flag` is one of the `known` words."""
    if value not in known:
        near = nearest(str(value), known)
        raise TwostreamError(
            flag,
            expected=f"one of {', '.join(known)}",
            found=str(value),
            remedy=f"did you mean {near}?" if near else f"give {flag} another value",
        )


def at_least(flag: str, value: float, least: float) -> None:
    """Raise TwostreamError unless the value of `flag` is a number from `least` up."""
    if not least <= value < math.inf:
        raise TwostreamError(
            flag,
            expected=f"a number of at least {least:g}",
            found=f"{value:g}",
            remedy=f"give {flag} another value",
        )
