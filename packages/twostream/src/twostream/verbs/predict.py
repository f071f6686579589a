"""The verb `predict`: what a trained run says of any video."""

from __future__ import annotations

from pathlib import Path

from twostream.choices import LabelFormat
from twostream.paths import InputPath, OutputFile, OutputFolder, OutputPath
from twostream.prediction.options import PredictOptions
from twostream.prediction.results import Prediction
from twostream.verbs.flags import takes_flags
from twostream.verbs.paths import checks_paths


@takes_flags(PredictOptions)
@checks_paths
def predict(
    run: InputPath,
    *source: str,
    options: PredictOptions,
    json: bool = False,
    csv: OutputFile | None = None,
    parquet: OutputFile | None = None,
    intervals: OutputFile | None = None,
    html: OutputPath | None = None,
    overlay: OutputPath | None = None,
    to: LabelFormat | None = None,
    labels: OutputPath | None = None,
    explain: OutputFolder | None = None,
    explain_class: str | None = None,
    explain_layer: str | None = None,
) -> list[Prediction]:
    """Say what happens in videos: the best classes of a clip, a timeline of what is longer than 15 s.

    RUN is a run folder or a bundle; videos need no preparation.

    Parameters
    ----------
    run
        Run folder with trained streams, or a bundle.
    source
        Videos: files, folders, patterns, the number of a camera, addresses that FFmpeg opens.
    json
        Print one object a source, a line each, and nothing else, on standard output.
    csv
        A CSV file for the scores of all streams by window.
    parquet
        The same as Parquet.
    intervals
        A CSV file for the intervals of all sources.
    html
        A page that shows the video above lanes of labels and scores over time: a file that ends in .html,
        or a folder for those of several sources. The video is linked.
    overlay
        A copy of the video with label, scores and flow drawn on it, its sound kept: a file that ends in
        .mp4, .mov or .mkv, or a folder for those of several sources. --html plays it then.
    to
        Write the intervals as a tool for labelling keeps them, to be corrected there. What people wrote in
        a file that is there stays.
    labels
        With --to: the file, or a folder for those of several sources. Default: here, by the videos' names.
    explain
        A folder for pictures of where the streams looked (Grad-CAM), in frames and in flow, at the clearest
        moment of a clip and of each interval. --html shows them; --overlay draws them all along intervals.
    explain_class
        The class that the pictures are about. Default: what the clip or the interval was called.
    explain_layer
        The layer whose maps are drawn. Default: the last one before the pooling.
    """
    from twostream.errors import TwostreamError
    from twostream.explanation.explain import Explainer, check_class
    from twostream.explanation.files import Explaining
    from twostream.models.inference import check_scoring
    from twostream.prediction.afar import asked_of, check_afar
    from twostream.prediction.cuts import require_cuts
    from twostream.prediction.files import check_target, require_own, write_predictions
    from twostream.prediction.labels import check_labels, write_predicted_labels
    from twostream.prediction.naming import find_sources
    from twostream.prediction.predictor import load_predictor
    from twostream.prediction.runs import read_run, require_run_folder
    from twostream.reporting.watching import check_watching, write_copies, write_pages
    from twostream.verbs.predicting import predict_and_tell

    if explain is None and (explain_class is not None or explain_layer is not None):
        raise TwostreamError(
            "--explain-class" if explain_class is not None else "--explain-layer",
            expected="--explain FOLDER, which it is about",
            found="none",
            remedy="name a folder for the pictures with --explain",
        )
    check_scoring(options.engine, options.device, options.precision)
    if options.look.cuts:
        require_cuts()
    targets = {"csv": csv, "parquet": parquet, "intervals": intervals}
    files = {name: Path(target) for name, target in targets.items() if target is not None}
    watched = {
        name: Path(target)
        for name, target in {"html": html, "overlay": overlay, "explain": explain}.items()
        if target is not None
    }
    place = None if labels is None else Path(labels)
    kept = {} if place is None else {"labels": place}
    for name, target in {**files, **watched, **kept}.items():
        check_target(target, f"--{name}", source)
    require_own(**files)
    require_run_folder(Path(run))
    sources = find_sources(source)
    check_labels(sources, to, place)
    check_afar(options.cluster, sources)
    check_watching(sources, html=watched.get("html"), overlay=watched.get("overlay"))
    bundle = read_run(Path(run), split=options.split)
    if explain_class is not None:
        check_class(explain_class, bundle.classes)
    predictor = load_predictor(
        bundle,
        options.look,
        engine=options.engine,
        device=options.device,
        precision=options.precision,
    )
    explaining = None
    if "explain" in watched:
        explaining = Explaining(
            Explainer(predictor, label=explain_class, layer=explain_layer), watched["explain"]
        )
    found: list[Prediction] = []
    try:
        predict_and_tell(
            predictor,
            sources,
            found,
            jobs=options.jobs,
            json=json,
            explaining=explaining,
            cluster=asked_of(predictor, options),
        )
    finally:
        write_predictions(found, **files)
        if "html" in watched:
            write_pages(found, watched["html"])
        if to is not None:
            write_predicted_labels(found, to, place)
    if "overlay" in watched:
        explainer = None if explaining is None else explaining.explainer
        copies = write_copies(found, watched["overlay"], predictor.bundle, explainer=explainer)
        if "html" in watched:  # once more, for what it plays
            write_pages(found, watched["html"], copies=copies)
    return found
