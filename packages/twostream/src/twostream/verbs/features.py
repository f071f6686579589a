"""The verb `features`: what the networks of a run see in any video, as vectors."""

from __future__ import annotations

from pathlib import Path

from twostream.paths import InputPath, OutputFile
from twostream.prediction.options import FeatureOptions
from twostream.verbs.flags import takes_flags
from twostream.verbs.paths import checks_paths
from twostream.verbs.written import FeatureFile


@takes_flags(FeatureOptions)
@checks_paths
def features(
    run: InputPath,
    *source: str,
    out: OutputFile,
    options: FeatureOptions,
    whole: bool = False,
) -> FeatureFile:
    """Write the features that a run's networks see in videos as Parquet, with their times.

    A row for each window (`--rate` a second, as `predict` has them) and stream: `source`, `stream`,
    `start_s`, `end_s`, and the vector `features`, which the head of the network sees.

    Parameters
    ----------
    run
        Run folder with trained streams, or a bundle.
    source
        Videos: files, folders, patterns, the number of a camera, addresses that FFmpeg opens.
    out
        The Parquet file.
    whole
        One vector a source and stream, the mean over its windows, instead of one a window.
    """
    from twostream.embeddings.features import features_of, features_or_errors
    from twostream.embeddings.files import COLUMNS, write_features
    from twostream.errors import TwostreamError
    from twostream.events import made, warn
    from twostream.models.inference import check_scoring
    from twostream.own_files import require_own_parquet
    from twostream.prediction.afar import asked_of, check_afar, look_afar
    from twostream.prediction.files import check_target
    from twostream.prediction.naming import find_sources
    from twostream.prediction.predictor import load_predictor
    from twostream.prediction.runs import read_run, require_run_folder
    from twostream.progress import Progress

    check_scoring(options.engine, options.device, options.precision)
    target = Path(out)
    check_target(target, "--out", source)
    require_own_parquet(target, COLUMNS, flag="--out", what="a table of features")
    require_run_folder(Path(run))
    sources = find_sources(source)
    check_afar(options.cluster, sources)
    predictor = load_predictor(
        read_run(Path(run), split=options.split),
        options.look,
        engine=options.engine,
        device=options.device,
        precision=options.precision,
    )
    cluster = asked_of(predictor, options)
    if cluster is None:
        outcomes = features_or_errors(predictor, sources)
    else:
        outcomes = look_afar(*cluster, sources, features_of)
    found, failed = [], []
    with Progress("features", total=len(sources), unit="source", warms_up=True) as progress:
        for _, vectors in outcomes:
            if isinstance(vectors, TwostreamError):
                failed.append(vectors)
                warn(str(vectors))
            else:
                found.append(vectors.of_whole() if whole else vectors)
            progress.advance()
    if found:
        write_features(target, found)
        result = made(FeatureFile(target, len(found), sum(len(one.windows_s) for one in found)))
    if failed:
        raise TwostreamError(
            "SOURCE",
            expected="videos that can be read to their end",
            found=f"{len(failed)} of {len(sources)} that cannot, told above",
            remedy="check these" + ("; the others are in --out" if found else ""),
        )
    return result
