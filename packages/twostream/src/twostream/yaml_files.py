"""YAML files, read with one kind of error for whatever is wrong with them."""

from __future__ import annotations

from pathlib import Path
from typing import Any


def read_yaml(path: Path) -> Any:
    """The content of a YAML file.

    Raises OSError, and ValueError for one that is no UTF-8 or no YAML, or has a key twice in one place.

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
        if twice := _key_twice(yaml.compose(text, yaml.SafeLoader)):
            raise ValueError(f"the key {twice!r} twice")
        return yaml.safe_load(text)
    except (yaml.YAMLError, LookupError, AttributeError, RecursionError) as error:
        # PyYAML lets through what the conversion of `!!bool maybe` or nested brackets raises.
        raise ValueError(str(error)) from error


def _key_twice(node: Any) -> str:
    """A key that stands twice in one mapping, of which YAML's reader takes the last in silence."""
    pairs = node.value if node is not None and node.id == "mapping" else []
    keys = [key.value for key, _ in pairs if key.id == "scalar"]
    twice = next((str(key) for k, key in enumerate(keys) if key in keys[:k]), "")
    return twice or next((found for _, value in pairs if (found := _key_twice(value))), "")
