"""What `evaluate` can be told."""

from __future__ import annotations

from dataclasses import dataclass

from twostream.choices import DEVICE_HELP, Engine, Fusion, Protocol, ScoringPrecision, ViewName
from twostream.options import check_options, option


@dataclass(frozen=True, kw_only=True)
class EvaluateOptions:
    """How the test part is scored, and how both streams' scores are fused."""

    protocols: str = option(
        "one-frame,whole-video",
        "Comma-separated: `one-frame` (the centre frame and the stack that begins there), `25` (25 even "
        "frames and stacks, averaged), `25x10` (the same through ten views each: corners and centre, "
        "mirrored too), `whole-video` (every frame and every stack, averaged); `original`: the original "
        "project's own procedures, defects included, which are not comparable.",
        brief="Comma-separated: one-frame, 25, 25x10, whole-video, original.",
        main=True,
    )
    fusion: str = option(
        "average,logit",
        "Comma-separated: `average` (of softmax, always), `logit` (of log-probabilities); and learnt ones "
        "that score the validation clips too (minutes to hours): `weighted` (the weight with the best "
        "top-1 on them), `svm` (trained on the scores of the training clips, C chosen on the validation "
        "clips).",
    )
    timelines: bool = option(
        False,
        "Also predict the timelines of the recordings that the test clips were cut from, and measure them: "
        "frame accuracy, segmental F1, edit score and mAP. All that happens in them must be labelled.",
        brief="Also measure the timelines of the recordings that test clips were cut from.",
    )
    view: ViewName | None = option(
        None,
        "What is seen of an image, but by `25x10`: `full`, `three` or `centre` (see training). Default: as "
        "the stream was trained.",
    )
    engine: Engine = option(
        "auto",
        "What computes scores: `openvino` (fastest on CPUs), `torch` (PyTorch's own operators), `onnx` "
        "(ONNX Runtime), `keras`, or whichever suits.",
    )

    device: str = option("auto", DEVICE_HELP)
    precision: ScoringPrecision = option(
        "auto",
        "Numbers of products in scoring: `float32` (which `auto` is, on every machine), `bf16` or `fp16`: "
        "faster where a processor has them, and the scores differ in the second or third digit; or `int8`, "
        "into which NNCF makes the networks by samples of training clips (extra `int8`; processors alone).",
        apart=True,
        earlier_values={"mixed": "bf16"},
    )

    def __post_init__(self) -> None:
        """Refuse what nothing could be evaluated by."""
        from twostream.evaluation.fusion_variants import parse_fusions
        from twostream.evaluation.protocols import parse_protocols

        check_options(self)
        parse_protocols(self.protocols)
        parse_fusions(self.fusion)

    @property
    def comparable_protocols(self) -> tuple[Protocol, ...]:
        """Those whose accuracies can be compared with others'."""
        from twostream.evaluation.protocols import parse_protocols

        return parse_protocols(self.protocols)

    @property
    def asks_for_original(self) -> bool:
        """Whether the original project's own procedures are wanted too."""
        from twostream.evaluation.protocols import asks_for_original

        return asks_for_original(self.protocols)

    @property
    def fusions(self) -> tuple[Fusion, ...]:
        """Every way of fusing that is wanted."""
        from twostream.evaluation.fusion_variants import parse_fusions

        return parse_fusions(self.fusion)
