"""`config.yaml`: the resolved options of a run, saved to repeat it, and read back."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from twostream.atomic import write_text
from twostream.errors import TwostreamError
from twostream.yaml_files import read_yaml

CONFIG_NAME = "config.yaml"
NOT_SAVED = ("replace",)
MAY_NAME_A_FILE = ("backbone", "weights", "temporal_backbone", "temporal_weights")


def save_settings(run: Path, settings: Mapping[str, Any]) -> None:
    """Write ``RUN/config.yaml``; raises TwostreamError where `run` cannot be written.

    That a finished run was to be replaced is not in it: to repeat a run replaces nothing.
    """
    import yaml

    plain = {
        name.strip("_").replace("_", "-"): _absolute(name, value)
        for name, value in settings.items()
        if name not in NOT_SAVED
    }
    text = yaml.safe_dump(plain, sort_keys=False, allow_unicode=_is_plain_text(plain))
    try:
        write_text(run / CONFIG_NAME, text)
    except OSError as error:
        raise TwostreamError(
            run,
            expected="a folder that can be written",
            found=error.strerror or "an error",
            remedy="choose another --out",
        ) from error


def _absolute(name: str, value: Any) -> Any:
    """Paths as they are from everywhere; a backbone or weights may be a file or only a name."""
    names_a_file = name in MAY_NAME_A_FILE and isinstance(value, str)
    # os.path knows no error here, however odd the name.
    if isinstance(value, Path) or (names_a_file and os.path.isfile(value)):  # noqa: PTH113
        return str(Path(value).absolute())
    return value


def _is_plain_text(settings: Mapping[str, Any]) -> bool:
    """Whether PyYAML reads every text back as it was written without escapes.

    It does not where there are line ends other than LF, and bytes that are not UTF-8 have no other way.
    """
    texts = [value for value in settings.values() if isinstance(value, str)]
    return all(text.isprintable() for text in texts)


def load_settings(path: Path, *, known: Iterable[str]) -> dict[str, Any]:
    """Options from a YAML file; keys are flags without dashes in front.

    Raises TwostreamError for an unreadable file and for a key that is none of `known`, naming the
    nearest one.
    """
    import difflib

    expected = "a YAML file of options, one `flag: value` a line"
    remedy = "see the config.yaml of any run"
    try:
        loaded = read_yaml(path)
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error).replace("\n", " ")
        raise TwostreamError(path, expected=expected, found=reason, remedy=remedy) from error
    if not isinstance(loaded, dict):
        found = {list: "a list", type(None): "nothing in it"}.get(type(loaded), "a single value")
        raise TwostreamError(path, expected=expected, found=found, remedy=remedy)
    names = sorted(known)
    settings = {}
    for key, value in loaded.items():
        name = str(key).replace("_", "-")
        if name not in names:
            near = difflib.get_close_matches(name, names, n=1, cutoff=0.5)
            raise TwostreamError(
                path,
                expected="known options",
                found=f"an unknown key {key!r}",
                remedy=f"did you mean {near[0]!r}?" if near else f"known are {', '.join(names)}",
            )
        if isinstance(value, list | dict | set):
            raise TwostreamError(
                path,
                expected=f"a single value for {name!r}",
                found=f"a {type(value).__name__}",
                remedy="write one `flag: value` a line",
            )
        if value is not None:
            settings[name] = value
    return settings
