"""The function `load`: a trained run, to be asked about videos from Python."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from twostream.paths import InputPath
from twostream.prediction.options import PredictOptions
from twostream.verbs.flags import takes_flags
from twostream.verbs.paths import checks_paths

if TYPE_CHECKING:
    from twostream.prediction.loaded_run import LoadedRun


@takes_flags(PredictOptions)
@checks_paths
def load(run: InputPath, *, options: PredictOptions) -> LoadedRun:
    """Load the networks of a run or a bundle once, to ask them again and again.

    ::

        run = twostream.load("RUN")
        print(run.predict("video.mp4").fused)
        for window in run.stream(0):
            print(window.start_s, window.label, window.score)

    Parameters
    ----------
    run
        Run folder with trained streams, or a bundle.
    """
    from twostream.models.inference import check_scoring
    from twostream.prediction.loaded_run import LoadedRun
    from twostream.prediction.predictor import load_predictor
    from twostream.prediction.runs import read_run

    check_scoring(options.engine, options.device, options.precision)
    predictor = load_predictor(
        read_run(Path(run), split=options.split),
        options.look,
        engine=options.engine,
        device=options.device,
        precision=options.precision,
    )
    return LoadedRun(predictor, options.jobs)
