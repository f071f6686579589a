"""Values as Cypher writes them."""

from __future__ import annotations

from typing import Any


def cypher_literal(value: Any) -> str:
    r"""A value as Cypher writes it.

    >>> print(cypher_literal({"a": 1.5, "b": "it's \\ \"x\"\n"}))
    {`a`: 1.5, `b`: 'it\'s \\ "x"\n'}
    """
    if isinstance(value, dict):
        return "{" + ", ".join(f"`{k}`: {cypher_literal(v)}" for k, v in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(cypher_literal, value)) + "]"
    if isinstance(value, str):
        text = value.replace("\\", "\\\\").replace("'", "\\'")
        return "'" + text.replace("\n", "\\n").replace("\r", "\\r") + "'"
    return "null" if value is None else str(value)
