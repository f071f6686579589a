"""How images are taken from a video, and flow is computed between them."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from os import PathLike
from typing import Any

from twostream.datasets.crops import Crop, required_crop
from twostream.errors import TwostreamError
from twostream.fingerprints import added_field, values_with_earlier_ones
from twostream.flow.tv_l1.parameters import TVL1Parameters


@dataclass(frozen=True, kw_only=True)
class FlowSpecification:
    """How images are taken from a video and flow is computed between them, before a network sees either.

    `algorithm` with its `parameters`; `bound_px` is the motion a step that the largest code stands for.
    Images are every `step`-th frame, or those nearest to `fps` moments a second (None: as recorded), shrunk
    to `short_side_px` (None: as `stored_size` does) and stored as JPEG of `jpeg_quality`, and so are the
    codes of flow. None for `algorithm`: a store of ready frames, whose maker did not say. Of every picture
    the part `crop` (``x,y,width,height``; None: all) is used; where `crop_of_each_clip`, the clips that a
    model learnt from had parts of their own.
    """

    algorithm: str | None = None
    parameters: dict[str, Any] = field(default_factory=dict)
    bound_px: float = 20.0
    step: int = 1
    short_side_px: int | None = None
    jpeg_quality: int = 95
    fps: float | None = added_field(None, before=None)
    crop: str | None = added_field(None, before=None)
    crop_of_each_clip: bool = added_field(False, before=False)

    @property
    def rectangle(self) -> Crop | None:
        """The part of every picture that is used; None for all of it."""
        return None if self.crop is None else required_crop(self.crop)

    def changed_parameters(self) -> dict[str, Any]:
        """The parameters of TV-L1 by name, all of them; of other algorithms none.

        >>> FlowSpecification(algorithm="tvl1", parameters={"preset": "fast"}).changed_parameters()["warps"]
        3
        >>> FlowSpecification(algorithm="dis").changed_parameters()
        {}
        """
        if self.algorithm != "tvl1":
            return {}
        # A preset of that name may be another by now: what was recorded of it counts.
        preset = TVL1Parameters.preset(self.parameters.get("preset", "exact"))
        return {
            **asdict(preset),
            **values_with_earlier_ones(TVL1Parameters, self.parameters),
        }

    def known_algorithm(self, subject: str | PathLike[str]) -> str:
        """The algorithm; raises TwostreamError naming `subject` where nobody knows it."""
        if self.algorithm is None:
            raise TwostreamError(
                subject,
                expected="to know how flow is to be computed",
                found="a model of ready frames, whose maker did not say",
                remedy="score clips of that data set, or train on clips that were prepared from videos",
            )
        return self.algorithm
