"""The verb `evaluate`: both streams and their fusion on the whole test part."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Literal

from twostream.paths import path_or_none
from twostream.verbs.locking import holds_run
from twostream.verbs.paths import InputPath, checks_paths
from twostream.verbs.run_parts import Streams


@checks_paths
@holds_run("run")
def evaluate(
    run: InputPath,
    *,
    protocols: str = "one-frame,whole-video",
    streams: Streams = "both",
    fusion: str = "average,logit",
    data: InputPath | None = None,
    engine: Literal["auto", "openvino", "torch", "keras"] = "auto",
    device: str = "auto",
    precision: Literal["auto", "float32", "bf16", "fp16", "mixed"] = "auto",
) -> dict[str, Any]:
    """Score every test clip with the trained streams of a run; write scores and results.json.

    In a run of several splits, each of them is evaluated, then averaged.

    Parameters
    ----------
    run
        Run folder with trained streams.
    protocols
        Comma-separated: `one-frame` (the centre frame and the stack that begins there),
        `25` (25 even frames and stacks, averaged), `25x10` (the same through ten views each: corners
        and centre, mirrored too), `whole-video` (every frame and every stack, averaged);
        `original`: the original project's own procedures, defects included, which are not comparable.
    streams
        Which trained streams to score; `both` scores those there are.
    fusion
        Comma-separated: `average` (of softmax, always), `logit` (of log-probabilities); and learnt ones
        that score the validation clips too (minutes to hours): `weighted` (the weight with the best top-1
        on them), `svm` (trained on the scores of the training clips, C chosen on the validation clips).
    data
        The prepared data set, if it was moved since training.
    engine
        What computes: `openvino` (fastest on CPUs), `torch` (PyTorch's own operators), `keras`, or
        whichever suits.
    device
        Where networks compute: `cpu`, `cuda`, `cuda:N`, `mps`, `xpu`, or `auto`, the one that Keras takes.
    precision
        Numbers of products: `float32` (which `auto` is, on every machine), `bf16` or `fp16`: faster where a
        processor has them, and the scores differ in the second or third digit.
    """
    from twostream.datasets.manifest import manifest_in_use
    from twostream.evaluation.fusion_variants import parse_fusions
    from twostream.evaluation.protocols import asks_for_original, parse_protocols
    from twostream.evaluation.run import evaluate_run
    from twostream.evaluation.split_results import (
        differing_options,
        is_trained,
        split_folder,
        trained_splits,
        write_split_results,
    )
    from twostream.evaluation.trained import data_folder, trained_streams
    from twostream.verbs.printing import print_differing_options, print_split_results

    run, data = Path(run), path_or_none(data)
    chosen = ("spatial", "temporal") if streams == "both" else (streams,)

    def evaluate_one(folder: Path, data: Path | None) -> dict[str, Any]:
        first = next(iter(trained_streams(folder, chosen).values()))
        with manifest_in_use(data or data_folder(folder, first)):
            results = evaluate_run(
                folder,
                protocols=parse_protocols(protocols),
                streams=chosen,
                fusions=parse_fusions(fusion),
                original=asks_for_original(protocols),
                engine=engine,
                device=device,
                precision=precision,
                data=data,
            )
        tell_results(folder, results, streams=streams)
        return results

    numbers = trained_splits(run)
    if is_trained(run) or not numbers:
        return evaluate_one(run, data)
    shared = data or (run / "data" if (run / "data").is_dir() else None)
    combined = write_split_results(
        run, {number: evaluate_one(split_folder(run, number), shared) for number in numbers}
    )
    print_split_results(combined)
    print_differing_options(differing_options(run, numbers))
    return combined


def tell_results(run: Path, results: dict[str, Any], *, streams: Streams) -> None:
    """Print the results of one split, and what is odd about the run that has them."""
    from twostream.verbs.printing import print_lone_stream, print_prepared_anew, print_results

    print_results(results)
    print_prepared_anew(run, results)
    if streams == "both":
        print_lone_stream(run, results)
