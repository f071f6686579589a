"""Every path that a verb is given is looked at before anything is done (`twostream.paths` has their kinds).

Results may lie below what this program wrote itself, never below a user's originals.
"""

from __future__ import annotations

import functools
import inspect
import itertools
import os
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, ParamSpec, TypeVar, get_args, get_origin

from twostream.errors import TwostreamError
from twostream.options import Place, places_of
from twostream.paths import Role, StrPath, is_same, lies_inside, require_path, require_place

P = ParamSpec("P")
R = TypeVar("R")


@dataclass(frozen=True)
class NamedPath:
    """A path that was given to a verb, how the user named it, and what the verb does with it."""

    path: StrPath
    flag: str
    role: Role


def checks_paths(verb: Callable[P, R]) -> Callable[P, R]:
    """Look at the paths a verb was given before anything is read or written, locks included.

    The verb then raises TwostreamError for an `InputPath` that is not there, and for an `OutputPath` that
    is something it reads, lies inside a `SourcePath`, or is a folder where a file is to be written.
    """

    @functools.wraps(verb)
    def checked(*arguments: P.args, **options: P.kwargs) -> R:
        check_paths(verb, inspect.signature(verb).bind(*arguments, **options).arguments)
        return verb(*arguments, **options)

    return checked


def check_paths(verb: Callable[..., Any], given: Mapping[str, Any]) -> None:
    """Raise TwostreamError where the paths among the arguments `given` to a verb cannot be."""
    named = [*_own_paths(verb, given), *_paths_of_options(given.get("options"))]
    for one in named:
        if one.role.read:
            require_path(one.path, flag=one.flag)
    for out in (one for one in named if one.role.written):
        for one in named:
            if one is not out and (one.role.read or one.role.written):
                _check_apart(out, one)
        require_place(out.path, flag=out.flag, is_file=out.role.is_file)


def _own_paths(verb: Callable[..., Any], given: Mapping[str, Any]) -> Iterator[NamedPath]:
    for name, role in path_roles(verb).items():
        if _is_path(given.get(name), role):
            yield NamedPath(given[name], flag_of(verb, name), role)


def _paths_of_options(options: Any) -> Iterator[NamedPath]:
    """Those among options; what all groups share is said once."""
    if options is None:
        return
    kind: Any = type(options)
    for name, places in itertools.groupby(sorted(places_of(kind), key=_name_of), key=_name_of):
        found = [(place, place.value(options)) for place in places]
        shared = len({str(value) for _, value in found}) == 1
        for place, value in found[:1] if shared else found:
            flag = f"--{name}" if shared or place.group is None else f"--{place.group}-{name}"
            for role in roles_in(place.option.hint):
                if _is_path(value, role):
                    yield NamedPath(value, flag, role)


def _name_of(place: Place) -> str:
    return place.option.name


def _is_path(value: Any, role: Role) -> bool:
    return value is not None and not (role.may_be_address and "://" in os.fspath(value))


def _check_apart(out: NamedPath, other: NamedPath) -> None:
    path, originals = other.path, other.role.holds_originals
    found = None
    if is_same(out.path, path):
        found = f"{other.flag} itself"
    elif originals and lies_inside(out.path, path):
        found = f"a place inside {other.flag} ({os.fspath(path)})"
    elif originals and Path(path).is_file() and is_same(out.path, Path(path).parent):
        found = f"the folder of {other.flag} ({os.fspath(path)})"
    if found is not None:
        raise TwostreamError(
            out.path,
            expected=f"a place apart from {other.flag}, into which nothing is written",
            found=found,
            remedy=f"choose another {out.flag}",
        )


def path_roles(verb: Callable[..., Any]) -> dict[str, Role]:
    """The arguments of a verb that are paths, and what it does with each."""
    scope = getattr(inspect.unwrap(verb), "__globals__", {})
    roles: dict[str, Role] = {}
    for name, parameter in inspect.signature(verb).parameters.items():
        hint = parameter.annotation
        hint = eval(hint, scope) if isinstance(hint, str) else hint  # our own source
        for role in roles_in(hint):
            roles[name] = role
    return roles


def roles_in(hint: Any) -> Iterator[Role]:
    """What is done with a path of the type `hint`; nothing for what is no path."""
    if get_origin(hint) is Annotated:
        yield from (item for item in hint.__metadata__ if isinstance(item, Role))
    else:
        for part in get_args(hint):
            yield from roles_in(part)


def flag_of(verb: Callable[..., Any], name: str) -> str:
    """How the command line names an argument of a verb: ``SOURCE``, ``--out``."""
    if inspect.signature(verb).parameters[name].kind is inspect.Parameter.KEYWORD_ONLY:
        return "--" + name.strip("_").replace("_", "-")
    return name.upper()


def parameter_names(verb: Callable[..., Any]) -> tuple[str, ...]:
    """The flags of a verb, without dashes in front, those that are said by their place included."""
    names = inspect.signature(verb).parameters
    return tuple(name.strip("_").replace("_", "-") for name in names)
