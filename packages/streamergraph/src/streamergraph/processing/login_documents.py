"""Lists of logins in files for programs: YAML, TOML, and literals of Python and JavaScript."""

from __future__ import annotations

import ast
import contextlib
import json
import re
import tomllib
from pathlib import Path
from typing import Any

YAML, TOML = (".yaml", ".yml"), (".toml",)
# bots = [ … ]; and the like.
LITERAL = re.compile(r"(?:[\w \t.]+?\s*[:=]\s*)?([\[{(].*[\]})])\s*;?", re.DOTALL)
COMMENT = re.compile(r"/\*.*?\*/|(?:^|(?<=[\s,]))(?://|#)[^\n]*", re.DOTALL | re.MULTILINE)
COMMA_BEFORE_END = re.compile(r",(?=\s*[\]}])")


def value_in(path: Path, text: str) -> Any:
    """The array or object that a file is; None for what is none of these."""
    value: Any = None
    if path.suffix.lower() in YAML:
        value = _of_yaml(text)
    elif path.suffix.lower() in TOML:
        with contextlib.suppress(tomllib.TOMLDecodeError):
            value = tomllib.loads(text)
    elif found := LITERAL.fullmatch(COMMENT.sub("", text).strip()):
        value = literal(found[1])
    return value if isinstance(value, list | dict) and value else None


def literal(text: str) -> Any:
    """An array or object with commas too many, in single quotes, or without any; else None.

    >>> literal("['anna', 'bert']"), literal('["anna", "bert",]'), literal("[anna, bert]")
    (['anna', 'bert'], ['anna', 'bert'], ['anna', 'bert'])
    """
    with contextlib.suppress(ValueError, RecursionError):
        return json.loads(COMMA_BEFORE_END.sub("", text))
    with contextlib.suppress(ValueError, SyntaxError, MemoryError, RecursionError):
        value = ast.literal_eval(text)
        return sorted(value) if isinstance(value, set) else _listed(value)
    return _of_yaml(text)


def _listed(value: Any) -> Any:
    return list(value) if isinstance(value, tuple) else value


def _of_yaml(text: str) -> Any:
    import yaml

    try:
        # As texts: `no` and 12345 are logins too.
        return yaml.load(text, Loader=yaml.BaseLoader)
    except yaml.YAMLError:
        return None
