"""The verb `evaluate`: both streams and their fusion on the whole test part."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Literal

from twostream.verbs.locking import holds_run


@holds_run("run")
def evaluate(
    run: Path,
    *,
    protocols: str = "one-frame,whole-video",
    streams: Literal["spatial", "temporal", "both"] = "both",
    fusion: str = "average,logit",
    data: Path | None = None,
    engine: Literal["auto", "openvino", "keras"] = "auto",
) -> dict[str, Any]:
    """Score every test clip with the trained streams of a run; write scores and results.json.

    Parameters
    ----------
    run
        Run folder with trained streams.
    protocols
        Comma-separated: `one-frame` (the centre frame and the stack that begins there),
        `25` (25 even frames and stacks, averaged), `25x10` (the same through ten views each: corners
        and centre, mirrored too), `whole-video` (every frame and every stack, averaged).
    streams
        Which trained streams to score; `both` scores those there are.
    fusion
        Comma-separated: `average` (of softmax, always), `logit` (of log-probabilities); and learnt ones
        that score the validation clips too (minutes to hours): `weighted` (the weight with the best top-1
        on them), `svm` (trained on the scores of the training clips, C chosen on the validation clips).
    data
        The prepared data set, if it was moved since training.
    engine
        What computes: `openvino` (fast on CPUs), `keras`, or whichever suits.
    """
    from twostream.evaluation.fusion_variants import parse_fusions
    from twostream.evaluation.protocols import parse_protocols
    from twostream.evaluation.run import evaluate_run
    from twostream.verbs.printing import print_results

    wanted = ("spatial", "temporal") if streams == "both" else (streams,)
    results = evaluate_run(
        run,
        protocols=parse_protocols(protocols),
        streams=wanted,
        fusions=parse_fusions(fusion),
        engine=engine,
        data=data,
    )
    print_results(results)
    return results
