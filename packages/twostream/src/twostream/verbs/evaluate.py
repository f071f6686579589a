"""The verb `evaluate`: both streams and their fusion on the whole test part."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from twostream.choices import Streams
from twostream.evaluation.options import EvaluateOptions
from twostream.paths import InputPath, path_or_none
from twostream.verbs.flags import takes_flags
from twostream.verbs.locking import holds_run
from twostream.verbs.paths import checks_paths
from twostream.verbs.results import Evaluation


@takes_flags(EvaluateOptions)
@checks_paths
@holds_run("run")
def evaluate(
    run: InputPath,
    *,
    options: EvaluateOptions,
    streams: Streams = "both",
    data: InputPath | None = None,
) -> Evaluation:
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
    from twostream.evaluation.carried import carry_to_final
    from twostream.evaluation.run import OriginalTable, evaluate_run
    from twostream.evaluation.split_results import (
        differing_options,
        is_trained,
        split_folder,
        trained_splits,
        write_split_results,
    )
    from twostream.evaluation.trained import data_folder, trained_streams
    from twostream.training.final import refuse_final

    refuse_final(Path(run), purpose="evaluate")
    original: OriginalTable | None = None
    if options.asks_for_original:
        from twostream.lab.as_original.run import evaluate_original

        original = evaluate_original
    run, data = Path(run), path_or_none(data)
    chosen = ("spatial", "temporal") if streams == "both" else (streams,)

    def evaluate_one(folder: Path, data: Path | None) -> Evaluation:
        first = next(iter(trained_streams(folder, chosen).values()))
        with manifest_in_use(data or data_folder(folder, first)):
            results = evaluate_run(
                folder,
                protocols=options.comparable_protocols,
                streams=chosen,
                fusions=options.fusions,
                original=original,
                view=options.view,
                engine=options.engine,
                device=options.device,
                precision=options.precision,
                data=data,
            )
            _keep_threshold(folder, options)
            if options.timelines:
                _add_timelines(folder, results, options)
            else:
                _tell_of_timelines(results)
        results, notes = carry_to_final(folder, results)
        return tell_results(folder, results, streams=streams, more=notes)

    numbers = trained_splits(run)
    if is_trained(run) or not numbers:
        return evaluate_one(run, data)
    shared = data or (run / "data" if (run / "data").is_dir() else None)
    results = {number: evaluate_one(split_folder(run, number), shared) for number in numbers}
    combined, notes = carry_to_final(
        run, write_split_results(run, {n: one.to_dict() for n, one in results.items()})
    )
    return tell_split_results(run, combined, differing=differing_options(run, numbers), notes=notes)


def _keep_threshold(run: Path, options: EvaluateOptions) -> None:
    """Choose from which score a window of a long video is said to show a class, where clips tell."""
    from twostream.errors import TwostreamError
    from twostream.formats import LaterFormatError
    from twostream.models.inference import resolve_scoring
    from twostream.prediction.choosing_threshold import keep_threshold
    from twostream.training.two_streams import read_two_streams

    try:
        bundle = read_two_streams(run)
    except LaterFormatError:
        raise
    except (
        TwostreamError
    ):  # an earlier version's run whose clips moved: it is chosen when it is needed
        return
    if len(bundle.streams) == 2:  # whose validation clips were scored for the fusion
        keep_threshold(bundle, resolve_scoring(options.engine, options.device, options.precision))


def _tell_of_timelines(results: dict[str, Any]) -> None:
    """Say that there is more to measure where test clips are parts of recordings."""
    from collections import Counter

    from twostream.datasets.manifest import read_manifest
    from twostream.datasets.names import counted
    from twostream.events import say

    rows = read_manifest(Path(results["data"])).part(results["split"], "test")
    parts = [source for source, clips in Counter(row.source for row in rows).items() if clips > 1]
    if parts:
        say(
            f"test clips are parts of {counted(len(parts), 'recording')}: --timelines measures what is "
            "found in the whole of them"
        )


def _add_timelines(run: Path, results: dict[str, Any], options: EvaluateOptions) -> None:
    """Measure the timelines of the recordings of the test part; each gets a page."""
    from twostream.evaluation.timeline_files import add_to_results
    from twostream.prediction.tested import evaluate_timelines
    from twostream.reporting.tested_pages import write_tested_page

    found = evaluate_timelines(
        run,
        data=Path(results["data"]),
        split=results["split"],
        engine=options.engine,
        device=options.device,
        precision=options.precision,
        on_recording=lambda one, prediction: write_tested_page(run, one, prediction),
    )
    add_to_results(run, results, found)


def tell_results(
    run: Path, results: dict[str, Any], *, streams: Streams, more: Sequence[str] = ()
) -> Evaluation:
    """Tell the results of one split, and what is odd about the run that has them; return both."""
    from twostream.evaluation.accuracy_in_float32 import accuracy_texts
    from twostream.evaluation.engines import rounding_text
    from twostream.evaluation.sample_size import cautions_of
    from twostream.events import made

    rounding = results.get("rounding", {}).items()
    notes = [rounding_text(stream, told) for stream, told in rounding]
    notes += accuracy_texts(results)
    notes += [*cautions_of(results), *_prepared_anew(run, results), *_of_final(results), *more]
    if streams == "both":
        notes += _lone_stream(run, results)
    return made(Evaluation(results, run, tuple(notes)))


def tell_split_results(
    run: Path,
    combined: dict[str, Any],
    *,
    differing: Sequence[str] = (),
    notes: Sequence[str] = (),
) -> Evaluation:
    """Tell the accuracy of several splits, and in which options their trainings differ; return both."""
    from twostream.evaluation.sample_size import cautions_of
    from twostream.evaluation.split_results import overall
    from twostream.events import made

    told = [*cautions_of(overall(combined)), *_of_final(combined), *notes]
    if differing:
        told.append(f"the splits were not trained alike: {', '.join(differing)} differ")
    return made(Evaluation(combined, run, tuple(told)))


def _of_final(results: dict[str, Any]) -> list[str]:
    """Whose accuracies these are, where there is a final model too."""
    final = results.get("final")
    return [f"{final['folder']}/: {final['meaning']}"] if final else []


def _prepared_anew(run: Path, results: dict[str, Any]) -> list[str]:
    """Which streams were trained on other stored clips than they have just been tested on."""
    from twostream.evaluation.trained import prepared_anew

    data = Path(results["data"])
    return [
        f"{data} was prepared anew since the {stream} stream was trained: it may have been shown "
        "other images than it learnt from"
        for stream in prepared_anew(run, data, tuple(results["trainings"]))
    ]


def _lone_stream(run: Path, results: dict[str, Any]) -> list[str]:
    """Which stream is missing where only one is trained, so that nobody wonders about fusion."""
    from twostream.evaluation.trained import was_begun

    notes = []
    for stream in {"spatial", "temporal"} - set(results["trainings"]):
        begun = "was begun but not finished" if was_begun(run, stream) else "is not trained"
        notes.append(f"the {stream} stream of {run} {begun}: there is nothing to fuse")
    return notes
