"""`config.yaml`: the resolved options of a run, saved to repeat it, and any such file read back.

Keys are flags without dashes in front. Options of a group, such as those of one stream, stand below its
name; a file may also have all in one line each, as the command line has them.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from twostream.atomic import write_text
from twostream.errors import TwostreamError
from twostream.options import places_of
from twostream.suggestions import nearest
from twostream.verbs.flags import earlier_flags, keys_of_groups, options_type
from twostream.verbs.paths import parameter_names, roles_in
from twostream.verbs.run_parts import RunJob
from twostream.yaml_files import read_yaml

CONFIG_NAME = "config.yaml"
EXPECTED = "a YAML file of options, one `flag: value` a line"


def save_settings(job: RunJob, folder: Path | None = None) -> None:
    """Write ``config.yaml`` into the run's folder, or into another one.

    That a finished run was to be replaced is not in it: to repeat a run replaces nothing.
    Raises TwostreamError where the folder cannot be written.
    """
    write_settings(folder or job.out, plain_settings(job))


def plain_settings(job: RunJob) -> dict[str, Any]:
    """All that a run was told, as YAML holds it."""
    places = {"source": str(job.source.absolute()), "out": str(job.out.absolute())}
    return {**places, **plain_options(job.options)}


def write_settings(folder: Path, plain: Mapping[str, Any]) -> None:
    """Write plain values as ``config.yaml``; raises TwostreamError where `folder` cannot be written."""
    import yaml

    text = yaml.safe_dump(dict(plain), sort_keys=False, allow_unicode=_is_plain_text(plain))
    try:
        write_text(folder / CONFIG_NAME, text)
    except OSError as error:
        raise TwostreamError(
            folder,
            expected="a folder that can be written",
            found=error.strerror or "an error",
            remedy="choose another --out",
        ) from error


def plain_options(options: Any) -> dict[str, Any]:
    """Options as YAML holds them, groups below their names.

    Paths are as they are from everywhere; a backbone or weights may be a file or only a name.
    """
    plain: dict[str, Any] = {}
    kind: Any = type(options)
    for place in places_of(kind):
        if place.group is not None and place.option.declaration.shared:
            continue  # said once, above the groups
        value = place.value(options)
        is_path = any(True for _ in roles_in(place.option.hint))
        # os.path knows no error here, however odd the name.
        if isinstance(value, Path) or (is_path and value and os.path.isfile(value)):  # noqa: PTH113
            value = str(Path(value).absolute())
        group = plain if place.group is None else plain.setdefault(place.group, {})
        group[place.option.name] = value
    return plain


def _is_plain_text(settings: Mapping[str, Any]) -> bool:
    """Whether PyYAML reads every text back as it was written without escapes.

    It does not where there are line ends other than LF, and bytes that are not UTF-8 have no other way.
    """
    return all(
        _is_plain_text(value)
        if isinstance(value, Mapping)
        else not isinstance(value, str) or value.isprintable()
        for value in settings.values()
    )


def load_settings(path: Path, verb: Callable[..., Any]) -> dict[str, Any]:
    """Flags of a verb, without dashes in front, and their values from a YAML file.

    Raises TwostreamError for an unreadable file, for a key that the verb does not know, naming the
    nearest one, and for two keys that say the same otherwise.
    """
    try:
        loaded = read_yaml(path)
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error).replace("\n", " ")
        raise _refused(path, reason) from error
    if not isinstance(loaded, dict):
        found = {list: "a list", type(None): "nothing in it"}.get(type(loaded), "a single value")
        raise _refused(path, found)
    kind = options_type(verb)
    groups = keys_of_groups(kind) if kind is not None else {}
    own = {**{name: name for name in parameter_names(verb)}, **earlier_flags(verb)}
    settings: dict[str, Any] = {}
    for key, value in loaded.items():
        of_group = isinstance(value, dict) and str(key) in groups
        keys, below = (groups[str(key)], f" below {key!r}") if of_group else (own, "")
        for name, single in value.items() if of_group else [(key, value)]:
            flag = _known(path, str(name), keys, below)
            if isinstance(single, list | dict | set):
                raise TwostreamError(
                    path,
                    expected=f"a single value for {flag!r}",
                    found=f"a {type(single).__name__}",
                    remedy="write one `flag: value` a line",
                )
            if single is not None and settings.setdefault(flag, single) != single:
                raise TwostreamError(
                    path,
                    expected=f"one value for {flag!r}",
                    found=f"{settings[flag]} and {single}",
                    remedy="remove one of them",
                )
    return settings


def _known(path: Path, key: str, known: Mapping[str, str], below: str) -> str:
    name = key.replace("_", "-")
    if name in known:
        return known[name]
    near = nearest(name, known, cutoff=0.5)
    raise TwostreamError(
        path,
        expected="known options",
        found=f"an unknown key {key!r}{below}",
        remedy=f"did you mean {near!r}?" if near else f"known are {', '.join(sorted(known))}",
    )


def _refused(path: Path, found: str) -> TwostreamError:
    return TwostreamError(
        path, expected=EXPECTED, found=found, remedy="see the config.yaml of any run"
    )
