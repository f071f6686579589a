"""How a program that has OpenCV alone computes the flow that a network was trained on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from twostream.sources.specification import FlowSpecification

Numbers = dict[str, float | int]
_NO_RESTART = (
    " The preset `deep` fuses two flows, which OpenCV's does not: where motion is large or things are "
    "small, the flows differ by more."
)
PRESET_MEDIUM = 2  # cv2.DISOPTICAL_FLOW_PRESET_MEDIUM


@dataclass(frozen=True, kw_only=True)
class OpenCvFlow:
    """The call of OpenCV, and the numbers it takes by their names there.

    `same`: it computes the very flow; else `told` says what differs.
    """

    call: str
    numbers: Numbers
    same: bool
    told: str


def flow_by_opencv(specification: FlowSpecification) -> OpenCvFlow | None:
    """What stands for the specification's algorithm; None where nobody knows how the flow was made.

    >>> flow_by_opencv(FlowSpecification(algorithm="dis")).call
    'DISOpticalFlow_create'
    >>> flow_by_opencv(FlowSpecification(algorithm="tvl1")).numbers["warps"]
    5
    """
    match specification.algorithm:
        case "dis":
            return OpenCvFlow(
                call="DISOpticalFlow_create", numbers={"preset": PRESET_MEDIUM}, same=True, told=""
            )
        case "farneback":
            return OpenCvFlow(
                call="calcOpticalFlowFarneback",
                numbers={
                    "pyr_scale": 0.5,
                    "levels": 3,
                    "winsize": 15,
                    "iterations": 3,
                    "poly_n": 5,
                    "poly_sigma": 1.2,
                    "flags": 0,
                },
                same=True,
                told="",
            )
        case "tvl1-opencv":
            return OpenCvFlow(
                call="optflow.DualTVL1OpticalFlow_create", numbers={}, same=True, told=""
            )
        case "tvl1":
            own = specification.changed_parameters()
            return OpenCvFlow(
                call="optflow.DualTVL1OpticalFlow_create",
                numbers=_of_tvl1(own),
                same=False,
                told="The networks learnt from twostream's own TV-L1. OpenCV's, which the example uses, "
                "differs from it by a code here and there, so scores differ a little from those of "
                "`twostream predict`; train with `--flow dis` or `--flow tvl1-opencv` where they must not."
                + (_NO_RESTART if own["restart"] else ""),
            )
    return None


def _of_tvl1(own: Mapping[str, float | int]) -> Numbers:
    return {
        "tau": own["tau"],
        "lambda_": own["lambda_"],
        "theta": own["theta"],
        "nscales": own["scales"],
        "warps": own["warps"],
        "epsilon": own["epsilon"],
        "innnerIterations": own["inner_iterations"],  # so it is spelt there
        "outerIterations": own["outer_iterations"],
        "scaleStep": own["scale_step"],
        "medianFiltering": own["median"],
    }
