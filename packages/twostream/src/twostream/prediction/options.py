"""What `predict` can be told."""

from __future__ import annotations

from dataclasses import dataclass

from twostream.choices import AskedPrecision, Engine, Protocol
from twostream.evaluation.options import EvaluateOptions
from twostream.options import again, check_options, option


@dataclass(frozen=True, kw_only=True)
class PredictOptions:
    """How a source is looked at, and what is told of it."""

    protocol: Protocol | None = option(
        None,
        "How a clip is looked at: `one-frame`, `25`, `whole-video` or `25x10`, as `evaluate` has them. "
        "Default: 25 for what is no longer than 15 s.",
        brief="How a clip is looked at: one-frame, 25, whole-video, 25x10.",
        main=True,
    )
    top: int = option(5, "Tell so many classes, the best first; 0: all.", main=True, least=0)
    split: int | None = option(
        None, "Of a run over several splits, the one to use. Default: the first.", least=1
    )
    engine: Engine = again(EvaluateOptions, "engine")
    device: str = again(EvaluateOptions, "device")
    precision: AskedPrecision = again(EvaluateOptions, "precision")

    def __post_init__(self) -> None:
        """Refuse what nothing could be looked at with."""
        check_options(self)
