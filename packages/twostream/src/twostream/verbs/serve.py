"""The verb `serve`: a trained run behind a page and an interface for programs."""

from __future__ import annotations

from pathlib import Path

from twostream.paths import InputPath
from twostream.serving.options import ServeOptions
from twostream.verbs.flags import takes_flags
from twostream.verbs.paths import checks_paths


@takes_flags(ServeOptions)
@checks_paths
def serve(run: InputPath, *, options: ServeOptions) -> None:
    """Serve a trained run on this machine: a page to try clips on, and an HTTP interface.

    `POST /predict` with a multipart field `file` answers what `predict --json` prints. `/openapi.json`
    describes the rest. It needs the extra `serve`, and goes on until Ctrl-C.

    Parameters
    ----------
    run
        Run folder with trained streams, or a bundle.
    """
    from twostream.models.engines.needs import require_package
    from twostream.serving.server import serve_run

    for package in ("fastapi", "uvicorn", "python_multipart"):
        require_package(package, for_what="serving a run", extra="serve")
    serve_run(Path(run), options)
