"""The verb `export`: a run's networks for other programs, with all that says how to feed them."""

from __future__ import annotations

from pathlib import Path

from twostream.choices import ExportFormat
from twostream.paths import InputPath, OutputFolder, path_or_none
from twostream.verbs.paths import checks_paths
from twostream.verbs.written import Export


@checks_paths
def export(
    run: InputPath,
    *,
    format: ExportFormat = "onnx",  # noqa: A002 # so the flag is called
    int8: bool = False,
    out: OutputFolder | None = None,
    data: InputPath | None = None,
    split: int | None = None,
) -> Export:
    """Write a run's networks for programs without twostream, and an example that uses them.

    OUT holds both streams, `export.json` (classes, preprocessing, how both are joined), a model card and
    `example.py`: a video in, scores out, in under 60 lines. Any number of samples goes at once. It is
    written whole or not at all.

    Parameters
    ----------
    run
        Run folder with trained streams, or a bundle.
    format
        `onnx` for ONNX Runtime, `openvino`, `keras`, or `torch` (a program of `torch.export`).
    int8
        Networks in 8-bit integers, quantised by samples of training clips (extra `int8`); for `onnx` and
        `openvino`.
    out
        New folder. Default: RUN/export-FORMAT, with `-int8` behind it.
    data
        With --int8: the prepared data set, if it was moved since training.
    split
        Of a run over several splits, the one to use. Default: the final model if there is one, else the
        first.
    """
    from typing import get_args

    from twostream.errors import TwostreamError
    from twostream.events import made
    from twostream.exporting.folder import write_export
    from twostream.prediction.runs import read_run

    if format not in get_args(ExportFormat):
        raise TwostreamError(
            "--format",
            expected=f"one of {', '.join(get_args(ExportFormat))}",
            found=str(format),
            remedy="onnx is read by most programs",
        )
    run = Path(run)
    named = f"export-{format}{'-int8' if int8 else ''}"
    folder = run / named if out is None else Path(out)
    bundle = read_run(run, split=split)
    notes = write_export(bundle, folder, network_format=format, int8=int8, data=path_or_none(data))
    streams = tuple(one.stream for one in bundle.streams)
    return made(Export(folder, format, streams, tuple(bundle.classes), notes))
