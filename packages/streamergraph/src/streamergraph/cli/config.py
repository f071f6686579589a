"""Options from a file: ``--config FILE.yaml``, one ``flag: value`` a line; flags win."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from streamergraph.errors import StreamergraphError
from streamergraph.paths import require_path
from streamergraph.suggestions import nearest


def split_config(tokens: Sequence[str]) -> tuple[list[str], Path | None]:
    """Take ``--config FILE`` or ``--config=FILE`` out of the words of a command.

    Raises StreamergraphError where the file's name is missing.

    >>> split_config(["run", "--config", "a.yaml", "--out", "b"])
    (['run', '--out', 'b'], PosixPath('a.yaml'))
    """
    rest = list(tokens)
    for k, token in enumerate(rest):
        if token.startswith("--config="):
            del rest[k]
            return rest, Path(token.removeprefix("--config="))
        if token == "--config":
            if k + 1 == len(rest):
                raise StreamergraphError(
                    "--config", expected="a file's name", found="none", remedy="--config FILE.yaml"
                )
            name = rest[k + 1]
            del rest[k : k + 2]
            return rest, Path(name)
    return rest, None


def read_config(path: Path, *, known: Iterable[str]) -> dict[str, Any]:
    """The options in a YAML file by flag without dashes in front; empty values are left out.

    Raises StreamergraphError for a file that holds something else, and for a key that is none of
    `known`, naming the nearest.
    """
    import yaml

    require_path(path, flag="--config", expected="a YAML file of options")
    try:
        loaded = yaml.safe_load(path.read_text(encoding="utf-8"))
        problem = "" if isinstance(loaded, dict) else "something else"
    except (
        OSError,
        yaml.YAMLError,
        # A value that looks like a date or a number and is none, such as 2022-02-30: PyYAML lets
        # through whatever the conversion raises.
        ValueError,
        LookupError,
        AttributeError,
        RecursionError,
    ) as error:
        problem = getattr(error, "strerror", None) or str(error)
    if problem:
        raise StreamergraphError(
            path,
            expected="a YAML file with one `flag: value` a line",
            found=problem,
            remedy="see the page on streamergraph",
        )
    flags = sorted(known)
    options: dict[str, Any] = {}
    for key, value in loaded.items():
        flag = str(key).replace("_", "-")
        if flag not in flags:
            near = nearest(flag, flags, cutoff=0.5)
            raise StreamergraphError(
                path,
                expected="known options",
                found=f"an unknown key {key!r}",
                remedy=f"did you mean {near!r}?" if near else f"known are {', '.join(flags)}",
            )
        if isinstance(value, list | dict | set):
            raise StreamergraphError(
                path,
                expected=f"a single value for {flag!r}",
                found=f"a {type(value).__name__}",
                remedy="write one `flag: value` a line",
            )
        if value is not None:
            options[flag] = value
    return options
