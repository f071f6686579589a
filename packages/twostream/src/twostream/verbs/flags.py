"""A verb called with flags: the options that it takes as one value, each by a name of its own.

A verb is written with a parameter `options`, a dataclass of declared options, perhaps of groups of them.
`takes_flags` lets it be called with each of them by name, in Python and from the command line:

- a flag stands for the option of that name in every group that has one: ``epochs`` is said of both streams;
- where several groups have it, the group's name in front says it of one of them, and wins:
  ``temporal_epochs``.
"""

from __future__ import annotations

import functools
import inspect
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol, TypeVar

from twostream.options import Option, Place, places_of, with_values
from twostream.suggestions import nearest
from twostream.verbs.recipes import recipe_flags

R_co = TypeVar("R_co", covariant=True)
OPTIONS, RECIPE, SAID = "options", "recipe", "said"


class Verb(Protocol[R_co]):
    """A verb as it is called: with what it works on, and flags or its options as one value."""

    def __call__(self, *arguments: Any, **flags: Any) -> R_co:
        """Do it."""


@dataclass(frozen=True)
class Flag:
    """A flag of a verb, and the places of the options that it sets."""

    name: str
    sets: tuple[Place, ...]
    default: Any

    @property
    def option(self) -> Option:
        """What is declared of it."""
        return self.sets[0].option

    @property
    def parameter(self) -> str:
        """As Python spells it."""
        own = self.option.parameter
        return f"{self.sets[0].group}_{own}" if self.is_of_one_group else own

    @property
    def is_of_one_group(self) -> bool:
        """Whether it has its group's name in front, so that a shorter flag sets all groups."""
        return self.name != self.option.name

    @property
    def is_main(self) -> bool:
        """Whether the short help shows it."""
        return not self.is_of_one_group and self.option.declaration.main


@functools.lru_cache(maxsize=16)
def flags_of(kind: Any) -> tuple[Flag, ...]:
    """The flags of a dataclass of options, in the order of their declarations; those of one group last."""
    sets: dict[str, list[Place]] = {}
    for place in places_of(kind):
        sets.setdefault(place.option.name, []).append(place)
    return (
        *(Flag(name, _meant(places), places[0].option.default) for name, places in sets.items()),
        *(
            Flag(f"{place.group}-{name}", (place,), None)
            for name, places in sets.items()
            if len(places) > 1
            for place in places
            if place.group is not None and not place.option.declaration.shared
        ),
    )


def _meant(places: list[Place]) -> tuple[Place, ...]:
    """Where a flag without a group's name sets its option: everywhere, or for the one stream it is for."""
    places = [place for place in places if not place.option.declaration.apart] or places
    only = {place.option.declaration.stream for place in places} - {None}
    return tuple(place for place in places if place.group in only) or tuple(places)


def keys_of_groups(kind: type) -> dict[str, dict[str, str]]:
    """For each group of options, under which flag each of its options is said of this group alone."""
    names = {one.name for one in flags_of(kind)}
    keys: dict[str, dict[str, str]] = {}
    for place in places_of(kind):
        if place.group is not None:
            name, alone = place.option.name, f"{place.group}-{place.option.name}"
            keys.setdefault(place.group, {})[name] = alone if alone in names else name
    return keys


def with_flags(options: Any, given: Mapping[str, Any]) -> Any:
    """The options with the flags `given`, by their names in Python.

    None leaves an option of one group as it is. Raises TwostreamError for a value that is not allowed.
    """
    values: dict[Place, Any] = {}
    kind: Any = type(options)
    for flag in flags_of(kind):  # those of one group come last, and win
        value = given.get(flag.parameter)
        if flag.parameter in given and not (flag.is_of_one_group and value is None):
            values |= dict.fromkeys(flag.sets, value)
    return with_values(options, values)


def takes_flags(
    kind: type, *, with_recipes: bool = False, renamed: Mapping[str, str] | None = None
) -> Callable[[Callable[..., R_co]], Verb[R_co]]:
    """Let a verb with a parameter `options` of the dataclass `kind` be called with flags too.

    One that is called `with_recipes` also takes the name of a recipe, whose settings give way to flags.
    What is `renamed` is still taken by its earlier name. A verb with a parameter `said` is told the names
    of the flags that were given; of options given as one value, all are.
    """
    earlier = dict(renamed or {})

    def decorate(verb: Callable[..., R_co]) -> Verb[R_co]:
        written = inspect.signature(verb)
        flags = flags_of(kind)
        names = {one.parameter for one in flags}

        @functools.wraps(verb)
        def called(*arguments: Any, **given: Any) -> R_co:
            given = {earlier.get(name, name): value for name, value in given.items()}
            recipe = given.pop(RECIPE, None) if with_recipes else None
            own = {name: value for name, value in given.items() if name in written.parameters}
            said = {name: value for name, value in given.items() if name in names}
            _refuse_unknown(verb, set(given) - set(own) - set(said), [*written.parameters, *names])
            base = own.pop(OPTIONS, None)
            if recipe is not None:
                said = {**recipe_flags(recipe, called), **said}
            options = with_flags(kind() if base is None else base, said)
            if SAID in written.parameters:
                named = {name for name, value in said.items() if value is not None}
                own[SAID] = frozenset(names if base is not None else named)
            return verb(*arguments, options=options, **own)

        keyword = inspect.Parameter.KEYWORD_ONLY
        recipe_parameter = inspect.Parameter(RECIPE, keyword, default=None, annotation=str | None)
        parameters = [
            *(one for one in written.parameters.values() if one.name not in (OPTIONS, SAID)),
            *([recipe_parameter] if with_recipes else []),
            *(
                inspect.Parameter(
                    one.parameter,
                    keyword,
                    default=one.default,
                    annotation=one.option.hint | None if one.is_of_one_group else one.option.hint,
                )
                for one in flags
            ),
        ]
        called.__signature__ = written.replace(parameters=parameters)  # type: ignore[attr-defined]
        called.__doc__ = _with_flags_explained(verb, flags, with_recipes)
        called.__options__ = kind  # type: ignore[attr-defined]
        called.__earlier_names__ = earlier  # type: ignore[attr-defined]
        return called

    return decorate


def options_type(verb: Callable[..., Any]) -> type | None:
    """The dataclass of the options that a verb takes as flags; None where it takes none so."""
    found: type | None = getattr(verb, "__options__", None)
    return found


def earlier_flags(verb: Callable[..., Any]) -> dict[str, str]:
    """The earlier names of a verb's flags, without dashes in front, and the names of today."""
    found: Mapping[str, str] = getattr(verb, "__earlier_names__", {})
    return {old.replace("_", "-"): new.replace("_", "-") for old, new in found.items()}


def earlier_values(verb: Callable[..., Any]) -> dict[str, Mapping[str, str]]:
    """By flag, without dashes in front: values that it had before, and what they are called today."""
    kind = options_type(verb)
    found = () if kind is None else flags_of(kind)
    return {
        one.name: one.option.declaration.earlier_values
        for one in found
        if one.option.declaration.earlier_values
    }


def _refuse_unknown(verb: Callable[..., Any], unknown: set[str], known: list[str]) -> None:
    if unknown:
        first = min(unknown)
        near = nearest(first, known)
        hint = f"; did you mean {near!r}?" if near else ""
        raise TypeError(f"{verb.__name__}() has no option {first!r}{hint}")


def _with_flags_explained(
    verb: Callable[..., Any], flags: tuple[Flag, ...], with_recipes: bool
) -> str:
    """The docstring with every flag in its section of parameters, which the command line shows."""
    text, *rest = re.split(r"\n\n(?=(?:Returns|Raises)\n-)", inspect.getdoc(verb) or "", maxsplit=1)
    lines = [text.rstrip()]
    if "\nParameters\n" not in lines[0]:
        lines += ["", "Parameters", "----------"]
    if with_recipes:
        lines += [RECIPE, "    Settings by name, such as `own-videos`; flags win."]
    for flag in flags:
        lines += [flag.parameter, f"    {flag_help(flag)}"]
    return "\n\n".join(["\n".join(lines), *rest])


def flag_help(flag: Flag) -> str:
    """What is said of a flag, in a sentence or two."""
    if flag.is_of_one_group:
        return f"`--{flag.option.name}` of {flag.sets[0].group} alone."
    text = flag.option.declaration.help
    range_text = flag.option.declaration.range_text()
    return f"{text} {range_text[:1].upper()}{range_text[1:]}." if range_text else text
