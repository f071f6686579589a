"""Programs that others wrote, where they are: named by a variable, on the path, or fetched by make."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

BUILD = Path(__file__).resolve().parents[4] / "build"


def program(name: str, *, variable: str, fetched: str) -> str | None:
    """The path of a program; `fetched` is where `make` puts it, below build."""
    built = BUILD / fetched
    return (
        os.environ.get(variable) or shutil.which(name) or (str(built) if built.exists() else None)
    )
