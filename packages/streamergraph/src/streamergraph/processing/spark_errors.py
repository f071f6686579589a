"""What Spark says that users can mend, as one line each; all else keeps its traceback."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from streamergraph import __version__
from streamergraph.errors import StreamergraphError


@dataclass(frozen=True)
class Sign:
    """Words by which a fault is known among the many that Spark says, what was expected, and the remedy."""

    words: str
    expected: str
    remedy: str


SIGNS = (
    Sign(
        "No module named 'streamergraph",
        f"streamergraph {__version__} on all workers",
        "install it in the Python that they use (PYSPARK_PYTHON)",
    ),
    Sign(
        "PYTHON_VERSION_MISMATCH",
        f"Python {sys.version_info.major}.{sys.version_info.minor} on all workers",
        "let PYSPARK_PYTHON of the workers be such a one",
    ),
    Sign(
        "Cannot run program",
        "a Python on all workers",
        "let PYSPARK_PYTHON name one that is there",
    ),
    Sign(
        "InvalidClassException",
        "the same version of Spark here and on the cluster",
        "install PySpark in the version of the cluster",
    ),
    *(
        Sign(
            words,
            "a store that all workers see under the same path",
            "put it into a folder that all machines share; convert one of an older format first",
        )
        for words in ("PATH_NOT_FOUND", "FILE_NOT_EXIST", "FileNotFoundException")
    ),
    Sign(
        "FileNotFoundError",  # of Python, which reads only what was put down meanwhile
        "a folder for --spill that all workers see, or none of them",
        "name one that all machines share, or leave --spill out",
    ),
    *(
        Sign(
            words,
            "enough memory on the workers",
            "raise --memory-gib, or on a cluster spark.executor.memory",
        )
        for words in ("java.lang.OutOfMemoryError", "MemoryError")
    ),
    Sign(
        "No space left on device",
        "room for what lies on disk meanwhile",
        "name a larger folder with --spill, or on a cluster by spark.local.dir",
    ),
    *(
        Sign(words, "a cluster that stays", "call the same command again: nothing was written")
        for words in (
            "ExecutorLostFailure",
            "SparkContext was shut down",
            "stopped SparkContext",
            "StatusCode.UNAVAILABLE",
            "Answer from Java side is empty",
            "Error while sending or receiving",
        )
    ),
)


@contextmanager
def in_one_line() -> Iterator[None]:
    """Turn what Spark says within into a StreamergraphError, where a user can mend it."""
    from py4j.protocol import Py4JError
    from pyspark.errors import PySparkException

    try:
        yield
    except (PySparkException, Py4JError) as error:
        known = mendable(error)
        if known is None:
            error.add_note(str(error))  # Spark's own words are gone with the session
            raise
        raise known from error


def mendable(error: Exception) -> StreamergraphError | None:
    """What a user can mend of what Spark says; None for all else, which keeps its traceback."""
    text = str(error)
    for sign in SIGNS:
        if sign.words in text:
            said = next(line for line in text.splitlines() if sign.words in line)
            return StreamergraphError(
                "--cluster", expected=sign.expected, found=one_line(said), remedy=sign.remedy
            )
    return None


def one_line(text: str) -> str:
    """Of what Spark says as much as fits into a line."""
    return " ".join(text.split())[:240]
