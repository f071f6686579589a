"""What `prepare` can be told about a clip's extraction."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, get_args

from twostream.errors import TwostreamError
from twostream.fingerprints import added_field, values_with_earlier_ones
from twostream.flow.algorithms import Algorithm, Preset
from twostream.flow.tv_l1.parameters import TVL1Parameters
from twostream.sources.specification import FlowSpecification
from twostream.store.writer import Layout
from twostream.suggestions import nearest

LOWEST_FPS = 0.01  # a frame every hundred seconds


@dataclass(frozen=True, kw_only=True)
class ExtractionOptions:
    """How every clip of a data set is extracted; a clip made with other options is made again.

    With `fps`, the frames nearest to so many moments a second are used; None takes them as recorded.
    """

    flow: Algorithm = "tvl1"
    flow_preset: Preset = "exact"
    bound_px: float = 20.0
    short_side_px: int | None = None
    step: int = 1
    jpeg_quality: int = 95
    layout: Layout = "archive"
    fps: float | None = added_field(None, before=None)

    def __post_init__(self) -> None:
        """Refuse values that no clip could be made with."""
        one_of("--flow", self.flow, get_args(Algorithm))
        one_of("--flow-preset", self.flow_preset, get_args(Preset))
        one_of("--layout", self.layout, get_args(Layout))
        at_least("--bound", self.bound_px, 1e-3)
        at_least("--step", self.step, 1)
        if self.fps is not None:
            at_least("--fps", self.fps, LOWEST_FPS)
            _refuse_step_beside_fps(self.step)
        if self.short_side_px is not None:
            at_least("--short-side", self.short_side_px, 16)

    def flow_parameters(self) -> dict[str, Any]:
        """What `clip.json` records of the flow algorithm beside its name."""
        if self.flow != "tvl1":
            return {}
        return {"preset": self.flow_preset, **asdict(TVL1Parameters.preset(self.flow_preset))}

    def has_flow_parameters(self, stored: Mapping[str, Any]) -> bool:
        """Whether flow that was `stored` with these parameters is what these options make.

        A parameter that was added later and is missing had the value by which versions without it worked;
        one that is not known here is ignored.
        """
        wanted = self.flow_parameters()
        there = values_with_earlier_ones(TVL1Parameters, stored) if wanted else {}
        there |= {name: stored[name] for name in wanted if name in stored}
        return {name: there.get(name) for name in wanted} == wanted

    def specification(self) -> FlowSpecification:
        """How images and flow are made of a video, as a trained network keeps it."""
        return FlowSpecification(
            algorithm=self.flow,
            parameters=self.flow_parameters(),
            bound_px=self.bound_px,
            step=self.step,
            short_side_px=self.short_side_px,
            jpeg_quality=self.jpeg_quality,
            fps=self.fps,
        )

    def to_dict(self) -> dict[str, Any]:
        """Plain values, for `prepare.yaml`."""
        return asdict(self)


def _refuse_step_beside_fps(step: int) -> None:
    if step != 1:
        raise TwostreamError(
            "--fps",
            expected="a rate of frames without --step beside it",
            found=f"--step {step}",
            remedy="leave one of them out: both say which frames are used",
        )


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
