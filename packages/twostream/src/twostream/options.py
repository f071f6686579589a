"""Options declared once: a field of a frozen dataclass, with its help, unit and range.

From that declaration come the flag of the command line, the key in a YAML file, the argument in Python, the
page of all options and the record of a run. Considered and left: parameters of the verbs as the declaration
(a value then passes through every room by hand, and two verbs that share an option say it twice), and a
library of settings such as pydantic's (it reads files and environments, but knows neither two streams with
the same options nor fingerprints that outlive an upgrade).
"""

from __future__ import annotations

import math
import numbers
import os
from collections.abc import Mapping
from dataclasses import MISSING, dataclass, field, fields, is_dataclass, replace
from functools import lru_cache
from pathlib import Path
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin, get_type_hints

from twostream.errors import TwostreamError
from twostream.fingerprints import added_field
from twostream.suggestions import nearest

_DECLARATION = "declaration"


@dataclass(frozen=True, kw_only=True, eq=False)
class Declaration:
    """What is said of an option beside its type and default; see `option`."""

    help: str
    flag: str | None = None
    brief: str | None = None
    main: bool = False
    stream: str | None = None
    shared: bool = False
    apart: bool = False
    least: float | None = None
    most: float | None = None
    above: float | None = None
    below: float | None = None
    earlier_values: Mapping[str, str] = field(default_factory=dict)

    def in_brief(self) -> str:
        """What the short help says.

        >>> Declaration(help="Samples a step. More need more memory.").in_brief()
        'Samples a step.'
        """
        return self.brief or self.help.partition(". ")[0].rstrip(".") + "."

    def range_text(self) -> str:
        """The range as people read it; empty where any value goes.

        >>> Declaration(help="", least=1).range_text()
        'at least 1'
        >>> Declaration(help="", least=0, below=1).range_text()
        'at least 0, below 1'
        """
        bounds = (
            ("at least", self.least),
            ("above", self.above),
            ("at most", self.most),
            ("below", self.below),
        )
        return ", ".join(f"{word} {bound:g}" for word, bound in bounds if bound is not None)

    def holds(self, number: float) -> bool:
        """Whether a number is within the range; no range holds what is not finite."""
        return (
            math.isfinite(number)
            and (self.least is None or number >= self.least)
            and (self.most is None or number <= self.most)
            and (self.above is None or number > self.above)
            and (self.below is None or number < self.below)
        )


def option(default: Any, text: str, *, before: Any = MISSING, **more: Any) -> Any:
    """A field that is an option, explained by `text`; `more` is what `Declaration` takes.

    `flag`, where it is not the field's name; `main` for the few that the short help shows, with the text's
    first sentence or what is `brief`; `stream` where
    it means something to one stream alone, `shared` where it is never said of one alone,
    `apart` where a flag for all groups does not mean it; `least`, `most`,
    `above` and `below` for its range, in the unit that the text names; `earlier_values`, which are still
    read, with what they mean today. `before` is the value by which versions without the option worked
    (`fingerprints.added_field`).

    >>> @dataclass(frozen=True, kw_only=True)
    ... class Options:
    ...     size_px: int = option(192, "Input size in pixels.", flag="size", least=32)
    ...     def __post_init__(self) -> None:
    ...         check_options(self)
    >>> [one.flag for one in options_of(Options)]
    ['--size']
    >>> Options(size_px=16)  # doctest: +ELLIPSIS
    Traceback (most recent call last):
    twostream.errors.TwostreamError: --size: expected a whole number of at least 32, found 16; ...
    """
    declaration = {_DECLARATION: Declaration(help=text, **more)}
    if before is MISSING:
        return field(default=default, metadata=declaration)
    return added_field(default, before=before, metadata=declaration)


def again(kind: Any, name: str) -> Any:
    """The option `name` of another dataclass once more: declared there, and meaning the same here.

    >>> from twostream.preparation.options import ExtractionOptions
    >>> @dataclass(frozen=True)
    ... class Options:
    ...     bound_px: float = again(ExtractionOptions, "bound_px")
    >>> options_of(Options)[0].flag, Options().bound_px
    ('--bound', 20.0)
    """
    (item,) = (item for item in fields(kind) if item.name == name)
    return field(default=item.default, metadata=item.metadata)


@dataclass(frozen=True, eq=False)
class Option:
    """A declared option of a dataclass: the field's name, type with annotations, and default."""

    field: str
    hint: Any
    default: Any
    declaration: Declaration

    @property
    def name(self) -> str:
        """As flags and YAML files spell it, without dashes in front."""
        return (self.declaration.flag or self.field).replace("_", "-")

    @property
    def parameter(self) -> str:
        """As Python spells it."""
        return parameter_of(self.name)

    @property
    def flag(self) -> str:
        """As the command line spells it."""
        return f"--{self.name}"

    def checked(self, value: Any) -> Any:
        """The value as the field holds it; raises TwostreamError where it is of another type or range."""
        value = self.declaration.earlier_values.get(value, value) if _is_text(value) else value
        kinds = _kinds(self.hint)
        if value is None and NoneType in kinds:
            return None
        for kind in kinds:
            converted = _converted(kind, value)
            if converted is not MISSING and self._holds(converted):
                return converted
        raise self._refusal(value, kinds)

    def _holds(self, value: Any) -> bool:
        number = isinstance(value, int | float) and not isinstance(value, bool)
        return not number or self.declaration.holds(value)

    def _refusal(self, value: Any, kinds: tuple[Any, ...]) -> TwostreamError:
        words = [word for kind in kinds for word in get_args(kind)]
        near = nearest(str(value), words) if words else None
        leave = "leave it out" + ("" if self.default is None else f" for {self.default}")
        kind = " or ".join(text for kind in kinds if (text := _kind_text(kind)))
        range_text = self.declaration.range_text().replace("at least", "of at least", 1)
        expected = f"{kind} {range_text}".strip()
        return TwostreamError(
            self.flag,
            expected=expected,
            found=f"{value}" if isinstance(value, int | float | str) else type(value).__name__,
            remedy=f"did you mean {near}?" if near else leave,
        )


def parameter_of(name: str) -> str:
    """How Python spells the flag `name`.

    >>> parameter_of("batch-size"), parameter_of("from")
    ('batch_size', 'from_')
    """
    import keyword

    spelled = name.replace("-", "_")
    return f"{spelled}_" if keyword.iskeyword(spelled) else spelled


@lru_cache(maxsize=64)
def options_of(kind: Any) -> tuple[Option, ...]:
    """The options declared by the dataclass `kind`, in order; fields that are none are left out."""
    hints = get_type_hints(kind, include_extras=True)
    return tuple(
        Option(item.name, hints[item.name], item.default, item.metadata[_DECLARATION])
        for item in fields(kind)
        if _DECLARATION in item.metadata
    )


@dataclass(frozen=True)
class Place:
    """Where an option is in a dataclass of options: in groups, the outermost first, under its name."""

    groups: tuple[str, ...]
    option: Option

    @property
    def group(self) -> str | None:
        """The outermost group; None where the option is in none."""
        return self.groups[0] if self.groups else None

    def value(self, options: Any) -> Any:
        """What `options` has there."""
        for group in self.groups:
            options = getattr(options, group)
        return getattr(options, self.option.field)


@lru_cache(maxsize=64)
def places_of(kind: Any) -> tuple[Place, ...]:
    """All options of the dataclass `kind`, in order: its own ones, then those of its groups.

    A group is a field that is a dataclass of options itself.
    """
    hints = get_type_hints(kind, include_extras=True)
    groups = {
        item.name: hints[item.name] for item in fields(kind) if is_dataclass(hints[item.name])
    }
    return (
        *(Place((), one) for one in options_of(kind)),
        *(
            Place((name, *one.groups), one.option)
            for name, of_group in groups.items()
            for one in places_of(of_group)
        ),
    )


def flag_names(kind: Any) -> dict[str, str]:
    """The flag of every option of a dataclass by its field.

    >>> from twostream.preparation.options import ExtractionOptions
    >>> flag_names(ExtractionOptions)["bound_px"]
    '--bound'
    """
    return {place.option.field: place.option.flag for place in places_of(kind)}


def with_values(options: Any, values: Mapping[Place, Any]) -> Any:
    """The options with other values at some places."""
    own = {place.option.field: value for place, value in values.items() if not place.groups}
    below: dict[str, dict[Place, Any]] = {}
    for place, value in values.items():
        if place.groups:
            inner = Place(place.groups[1:], place.option)
            below.setdefault(place.groups[0], {})[inner] = value
    own |= {group: with_values(getattr(options, group), inner) for group, inner in below.items()}
    return replace(options, **own)


def check_options(instance: Any) -> None:
    """Bring every option of a new instance to its field's type; called by ``__post_init__``.

    Raises TwostreamError, which names the flag, for a value of another type or out of its range.
    """
    kind: Any = type(instance)
    for one in options_of(kind):
        value = one.checked(getattr(instance, one.field))
        object.__setattr__(instance, one.field, value)  # as dataclasses do for frozen ones


def _kinds(hint: Any) -> tuple[Any, ...]:
    """The types of which one is expected, without their annotations."""
    if get_origin(hint) is Annotated:
        return _kinds(get_args(hint)[0])
    if get_origin(hint) in (Union, UnionType):
        return tuple(kind for part in get_args(hint) for kind in _kinds(part))
    return (hint,)


def _converted(kind: Any, value: Any) -> Any:
    """`value` as an instance of `kind`, or MISSING where it is none and means none."""
    if get_origin(kind) is Literal:
        return value if value in get_args(kind) else MISSING
    if kind in (int, float) and not isinstance(value, bool):
        # Numbers of numpy are instances of these too.
        fits = isinstance(value, numbers.Integral if kind is int else numbers.Real)
        return kind(value) if fits else MISSING
    if kind is Path and isinstance(value, str | os.PathLike):
        return Path(value)
    if kind is str and isinstance(value, os.PathLike):
        return os.fspath(value)
    return value if type(value) is kind else MISSING


def _kind_text(kind: Any) -> str:
    if get_origin(kind) is Literal:
        return f"one of {', '.join(map(str, get_args(kind)))}"
    known = {int: "a whole number", float: "a number", bool: "true or false", NoneType: ""}
    return known.get(kind, "a path" if kind is Path else "text")


def _is_text(value: Any) -> bool:
    return isinstance(value, str)
