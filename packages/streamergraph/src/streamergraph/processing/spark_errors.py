"""What Spark says that users can mend, as one line each; all else keeps its traceback."""

from __future__ import annotations

import sys
from typing import Any

from streamergraph import __version__
from streamergraph.errors import StreamergraphError


def arrow_of(frame: Any) -> Any:
    """All rows of a data frame as an Arrow table; Spark's complaints that users can mend as one line."""
    try:
        return frame.toArrow()
    except Exception as error:
        known = mendable(error)
        if known is None:
            raise
        raise known from error


def mendable(error: Exception) -> StreamergraphError | None:
    """What a user can mend of what Spark says; None for all else, which keeps its traceback."""
    text = str(error)
    for sign, expected, remedy in (
        (
            "No module named 'streamergraph",
            f"streamergraph {__version__} on all workers",
            "install it in the Python that they use (PYSPARK_PYTHON)",
        ),
        (
            "PYTHON_VERSION_MISMATCH",
            f"Python {sys.version_info.major}.{sys.version_info.minor} on all workers",
            "let PYSPARK_PYTHON of the workers be such a one",
        ),
        (
            "InvalidClassException",
            "the same version of Spark here and on the cluster",
            "install PySpark in the version of the cluster",
        ),
        (
            "Cannot run program",
            "a Python on all workers",
            "let PYSPARK_PYTHON name one that is there",
        ),
    ):
        if sign in text:
            line = next(line for line in text.splitlines() if sign in line)
            return StreamergraphError(
                "--cluster", expected=expected, found=one_line(line), remedy=remedy
            )
    return None


def one_line(text: str) -> str:
    """Of what Spark says as much as fits into a line."""
    return " ".join(text.split())[:240]
