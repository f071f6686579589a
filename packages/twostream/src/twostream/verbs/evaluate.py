"""The verb `evaluate`: both streams and their fusion on the whole test part."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from twostream.choices import Streams
from twostream.evaluation.options import EvaluateOptions
from twostream.paths import InputPath, path_or_none
from twostream.verbs.flags import takes_flags
from twostream.verbs.locking import holds_run
from twostream.verbs.paths import checks_paths


@takes_flags(EvaluateOptions)
@checks_paths
@holds_run("run")
def evaluate(
    run: InputPath,
    *,
    options: EvaluateOptions,
    streams: Streams = "both",
    data: InputPath | None = None,
) -> dict[str, Any]:
    """Score every test clip with the trained streams of a run; write scores and results.json.

    In a run of several splits, each of them is evaluated, then averaged.

    Parameters
    ----------
    run
        Run folder with trained streams.
    streams
        Which trained streams to score; `both` scores those there are.
    data
        The prepared data set, if it was moved since training.
    """
    from twostream.datasets.manifest import manifest_in_use
    from twostream.evaluation.run import OriginalTable, evaluate_run
    from twostream.evaluation.split_results import (
        differing_options,
        is_trained,
        split_folder,
        trained_splits,
        write_split_results,
    )
    from twostream.evaluation.trained import data_folder, trained_streams
    from twostream.verbs.printing import print_differing_options, print_split_results

    original: OriginalTable | None = None
    if options.asks_for_original:
        from twostream.lab.as_original.run import evaluate_original

        original = evaluate_original
    run, data = Path(run), path_or_none(data)
    chosen = ("spatial", "temporal") if streams == "both" else (streams,)

    def evaluate_one(folder: Path, data: Path | None) -> dict[str, Any]:
        first = next(iter(trained_streams(folder, chosen).values()))
        with manifest_in_use(data or data_folder(folder, first)):
            results = evaluate_run(
                folder,
                protocols=options.comparable_protocols,
                streams=chosen,
                fusions=options.fusions,
                original=original,
                engine=options.engine,
                device=options.device,
                precision=options.precision,
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
