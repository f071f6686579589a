"""Short names for what a result was made of: equal as long as nothing changed that changes the result.

A version that comes later may add an option or a field. One that stands in a fingerprint from the first
version on is a plain dataclass field. One that was added later is declared with `added_field`, which says
by what value the versions without it worked: while it has that value it is left out of fingerprints, so
that what was made before keeps its name. The default may be another value, and may change again.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import Field, field, fields
from pathlib import Path
from typing import Any

_BEFORE = "value of versions without it"
_LENGTH = 24  # hexadecimal digits: 96 bits


def added_field(default: Any, *, before: Any, metadata: Mapping[str, Any] | None = None) -> Any:
    """A dataclass field that the first version did not have; `before` is how versions without it worked.

    `metadata` is the field's, beside that.

    >>> from dataclasses import dataclass
    >>> @dataclass(frozen=True)
    ... class Options:
    ...     epochs: int = 10
    ...     frame_rate: float | None = added_field(25.0, before=None)
    >>> deciding_values(Options(frame_rate=None))
    {'epochs': 10}
    >>> deciding_values(Options())
    {'epochs': 10, 'frame_rate': 25.0}
    >>> values_with_earlier_ones(Options, {"epochs": 3, "of a later version": 1})
    {'epochs': 3, 'frame_rate': None}
    """
    return field(default=default, metadata={**(metadata or {}), _BEFORE: before})


def deciding_values(instance: Any) -> dict[str, Any]:
    """The fields of a dataclass by name, without those that versions before would not have noticed."""
    values = {item.name: getattr(instance, item.name) for item in fields(instance)}
    return {
        item.name: values[item.name]
        for item in fields(instance)
        if not (was_added(item) and values[item.name] == item.metadata[_BEFORE])
    }


def values_with_earlier_ones(kind: type, recorded: Mapping[str, Any]) -> dict[str, Any]:
    """Values for the fields of the dataclass `kind` from what any version recorded.

    Keys that are not known here are left out; one that was added later and is missing has the value by
    which versions without it worked. One that all versions have and that is missing stays missing.
    """
    earlier = {item.name: item.metadata[_BEFORE] for item in fields(kind) if was_added(item)}
    known = {item.name for item in fields(kind)}
    return {**{k: v for k, v in recorded.items() if k in known}} | {
        name: value for name, value in earlier.items() if name not in recorded
    }


def was_added(item: Field[Any]) -> bool:
    """Whether a field was declared with `added_field`."""
    return _BEFORE in item.metadata


def fingerprint_of(made_of: Mapping[str, Any]) -> str:
    """The short name of plain values (text, numbers, None, lists, mappings), however they are spelled.

    >>> fingerprint_of({"a": 1, "b": 2.0}) == fingerprint_of({"b": 2, "a": 1.0})
    True
    >>> fingerprint_of({"a": True}) == fingerprint_of({"a": 1})
    False
    """
    text = json.dumps(_normal(made_of), sort_keys=True, ensure_ascii=True, allow_nan=False)
    return hashlib.sha256(text.encode()).hexdigest()[:_LENGTH]


def _normal(value: Any) -> Any:
    """One spelling for a number: 20 and 20.0 are the same bound."""
    if isinstance(value, Mapping):
        return {str(key): _normal(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_normal(item) for item in value]
    if isinstance(value, float) and value.is_integer():
        return int(value)
    return value


def digest_of_file(name: str | None) -> str | None:
    """SHA-256 of the file that `name` names; None where it names none (a network, ``imagenet``)."""
    if name is None or not Path(name).is_file():
        return None
    with Path(name).open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
