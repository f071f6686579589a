"""The function `load`: a trained run, to be asked about videos from Python."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from twostream.paths import FileOrAddress
from twostream.prediction.options import PredictOptions
from twostream.verbs.flags import takes_flags
from twostream.verbs.paths import checks_paths

if TYPE_CHECKING:
    from twostream.prediction.loaded_run import LoadedRun


@takes_flags(PredictOptions)
@checks_paths
def load(run: FileOrAddress, *, options: PredictOptions) -> LoadedRun:
    """Load the networks of a run or a bundle once, to ask them again and again.

    ::

        run = twostream.load("RUN")
        print(run.predict("video.mp4").fused)
        for window in run.stream(0):
            print(window.start_s, window.label, window.score)

    Parameters
    ----------
    run
        Run folder with trained streams, a bundle, or a published one: ``hf://owner/name[@revision]``,
        which is downloaded once and checked by its hashes (extra ``hub``).
    """
    from twostream.downloads.hub import download_run, hub_address, is_hub_address
    from twostream.models.inference import check_scoring
    from twostream.prediction.loaded_run import LoadedRun
    from twostream.prediction.predictor import load_predictor
    from twostream.prediction.runs import read_run

    check_scoring(options.engine, options.device, options.precision)
    folder = download_run(hub_address(str(run))) if is_hub_address(run) else Path(run)
    predictor = load_predictor(
        read_run(folder, split=options.split),
        options.look,
        engine=options.engine,
        device=options.device,
        precision=options.precision,
    )
    return LoadedRun(predictor, options.jobs)
