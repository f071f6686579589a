"""The verb `predict`: what a trained run says of any video."""

from __future__ import annotations

from pathlib import Path

from twostream.paths import InputPath
from twostream.prediction.options import PredictOptions
from twostream.prediction.results import Prediction
from twostream.verbs.flags import takes_flags
from twostream.verbs.paths import checks_paths


@takes_flags(PredictOptions)
@checks_paths
def predict(
    run: InputPath, *source: str, options: PredictOptions, json: bool = False
) -> list[Prediction]:
    """Say what happens in videos: the best classes of both streams and of their fusion.

    RUN is a run folder or a bundle; videos need no preparation.

    Parameters
    ----------
    run
        Run folder with trained streams, or a bundle.
    source
        Videos: files, folders, patterns, the number of a camera, addresses that FFmpeg opens.
    json
        Print one object a source, a line each, and nothing else, on standard output.
    """
    from twostream.errors import TwostreamError
    from twostream.events import made, warn
    from twostream.models.inference import check_scoring
    from twostream.prediction.naming import find_sources
    from twostream.prediction.predictor import load_predictor
    from twostream.prediction.runs import read_run
    from twostream.verbs.results import JsonLine

    check_scoring(options.engine, options.device, options.precision)
    sources = find_sources(source)
    bundle = read_run(Path(run), split=options.split)
    predictor = load_predictor(
        bundle,
        options,
        engine=options.engine,
        device=options.device,
        precision=options.precision,
    )
    found, failed = [], 0
    for one in sources:
        try:
            prediction = predictor.of_source(one)
        except TwostreamError as error:
            if len(sources) == 1:
                raise
            failed += 1
            warn(str(error))
            continue
        made(JsonLine(prediction.to_json()) if json else prediction)
        found.append(prediction)
    if failed:
        raise TwostreamError(
            "SOURCE",
            expected="videos that can be read",
            found=f"{failed} of {len(sources)} that cannot, told above",
            remedy="the others are done; remove or re-encode these",
        )
    return found
