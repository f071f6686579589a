"""The verb `export`: a run's networks for other programs, with all that says how to feed them."""

from __future__ import annotations

from pathlib import Path

from twostream.choices import ExportFormat
from twostream.paths import InputPath, OutputFolder
from twostream.verbs.paths import checks_paths
from twostream.verbs.written import Export


@checks_paths
def export(
    run: InputPath,
    *,
    format: ExportFormat = "onnx",  # noqa: A002 # so the flag is called
    out: OutputFolder | None = None,
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
    out
        New folder. Default: RUN/export-FORMAT.
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
    folder = run / f"export-{format}" if out is None else Path(out)
    bundle = read_run(run, split=split)
    notes = write_export(bundle, folder, network_format=format)
    streams = tuple(one.stream for one in bundle.streams)
    return made(Export(folder, format, streams, tuple(bundle.classes), notes))
