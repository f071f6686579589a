"""Options from a file: ``--config FILE.yaml``, one ``flag: value`` a line; flags win.

For `run`, options of its steps stand in sections, indented below the name of their verb.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
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


@dataclass(frozen=True, kw_only=True)
class Config:
    """Options by flag without dashes in front, and those in sections, by the section's name."""

    options: dict[str, Any]
    sections: dict[str, dict[str, Any]]


def read_config(
    path: Path,
    *,
    known: Iterable[str],
    several: Collection[str] = (),
    switches: Collection[str] | None = None,
    sections: Mapping[str, Iterable[str]] | None = None,
) -> Config:
    """The options in a YAML file; empty values are left out.

    Of the `known` ones, those in `several` may have a list, and only those in `switches` (None: all) may be
    true or false. `sections`: names under which options may stand indented, with the options that each
    knows. Raises StreamergraphError for a file that holds something else, and for a key that is not known,
    naming the nearest.
    """
    import yaml

    require_path(path, flag="--config", expected="a YAML file of options")
    try:
        text = path.read_text(encoding="utf-8")
        loaded = yaml.safe_load(text)
        problem = (
            "" if isinstance(loaded, dict) else "something else" if text.strip() else "nothing"
        )
        if not problem and (twice := _key_twice(yaml.compose(text, yaml.SafeLoader))):
            problem = f"{twice} twice"
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
        problem = getattr(error, "strerror", None) or str(error).replace(
            'in "<unicode string>", ', ""
        )
    if problem:
        raise StreamergraphError(
            path,
            expected="a YAML file with one `flag: value` a line",
            found=problem,
            remedy="see the page on streamergraph",
        )
    sections = sections or {}
    inside = {
        name: _options(path, value, known=sections[name], section=name)
        for name, value in loaded.items()
        if name in sections and isinstance(value, dict)
    }
    plain = {
        name: value
        for name, value in loaded.items()
        if name not in inside and not (name in sections and value is None)
    }
    known = {*known, *sections}
    options = _options(path, plain, known=known, several=several)
    for flag, value in options.items():
        parts = value if isinstance(value, list) else [value]
        if (
            switches is not None
            and flag not in switches
            and any(isinstance(p, bool) for p in parts)
        ):
            raise StreamergraphError(
                path,
                expected=f"a text or a number for {flag!r}",
                found="true or false, which YAML makes of yes, no, on and off",
                remedy=f'write it in quotes, such as {flag}: "no"',
            )
    return Config(options=options, sections=inside)


def _key_twice(node: Any) -> str:
    """A key that stands twice in one mapping, of which YAML's reader takes the last in silence."""
    pairs = node.value if node is not None and node.id == "mapping" else []
    keys = [key.value for key, _ in pairs]
    twice = next((repr(key) for k, key in enumerate(keys) if key in keys[:k]), "")
    return twice or next((found for _, value in pairs if (found := _key_twice(value))), "")


def _options(
    path: Path,
    loaded: Mapping[Any, Any],
    *,
    known: Iterable[str],
    several: Collection[str] = (),
    section: str = "",
) -> dict[str, Any]:
    flags = sorted(known)
    where = f" of {section!r}" if section else ""
    options: dict[str, Any] = {}
    for key, value in loaded.items():
        flag = str(key).replace("_", "-")
        if flag not in flags:
            near = nearest(flag, flags, cutoff=0.5)
            raise StreamergraphError(
                path,
                expected=f"known options{where}",
                found=f"an unknown key {key!r}",
                remedy=f"did you mean {near!r}?" if near else f"known are {', '.join(flags)}",
            )
        is_list = isinstance(value, list) and flag in several
        if is_list and not any(one is None or isinstance(one, list | dict | set) for one in value):
            options[flag] = [str(one) if not isinstance(one, bool) else one for one in value]
            continue
        if isinstance(value, list | dict | set):
            raise StreamergraphError(
                path,
                expected=f"a single value for {flag!r}{where}",
                found=f"a {type(value).__name__}",
                remedy="write one `flag: value` a line",
            )
        if value is not None:
            options[flag] = value
    return options
