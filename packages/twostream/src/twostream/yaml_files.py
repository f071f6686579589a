"""YAML files, read with one kind of error for whatever is wrong with them."""

from __future__ import annotations

from pathlib import Path
from typing import Any


def read_yaml(path: Path) -> Any:
    """The content of a YAML file. Raises OSError, and ValueError for one that is no UTF-8 or no YAML.

    >>> import tempfile
    >>> path = Path(tempfile.mkdtemp()) / "a.yaml"
    >>> _ = path.write_text("day: 2022-02-30")
    >>> read_yaml(path)
    Traceback (most recent call last):
    ...
    ValueError: day is out of range for month
    """
    import yaml

    text = path.read_text(encoding="utf-8")
    try:
        return yaml.safe_load(text)
    except (yaml.YAMLError, LookupError, AttributeError, RecursionError) as error:
        # PyYAML lets through what the conversion of `!!bool maybe` or nested brackets raises.
        raise ValueError(str(error)) from error
