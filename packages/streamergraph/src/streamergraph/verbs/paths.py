"""Every path argument of a verb: strings are taken, what is read must exist and is never written into.

An annotation says which argument is what: `InputPath` is read and must be there, `OutputPath` is
written and is no file that is read, `AnyPath` is neither. Nothing is written into a `SourcePath`, where a
user's originals lie; results may lie among what this program wrote itself. For type checkers all are
strings or paths; for the command line they are paths.
"""

from __future__ import annotations

import functools
import inspect
import os
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from itertools import product
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, ParamSpec, TypeVar, get_args, get_origin

from streamergraph.errors import StreamergraphError
from streamergraph.paths import JSON_PREFIX, StrPath, is_same, lies_inside, require_path

P = ParamSpec("P")
R = TypeVar("R")


@dataclass(frozen=True)
class Role:
    """What a verb does with the file or folder that an argument names."""

    read: bool = False
    written: bool = False
    may_be_address: bool = False
    holds_originals: bool = False
    may_be_input: bool = False  # what is read may be written anew, in place
    beside: str = ""  # suffix of a second file that is written with it


if TYPE_CHECKING:
    InputPath = StrPath
    OutputPath = StrPath
    AnyPath = StrPath
    SourcePath = StrPath
    InPlacePath = StrPath
    ReportPath = StrPath
    InputOrAddress = StrPath
    SourceOrAddress = StrPath
    OutputOrAddress = StrPath
else:
    InputPath = Annotated[Path, Role(read=True)]
    OutputPath = Annotated[Path, Role(written=True)]
    AnyPath = Annotated[Path, Role()]
    SourcePath = Annotated[Path, Role(read=True, holds_originals=True)]
    InPlacePath = Annotated[Path, Role(written=True, may_be_input=True)]
    ReportPath = Annotated[Path, Role(written=True, beside=".json")]
    InputOrAddress = Annotated[str, Role(read=True, may_be_address=True)]
    SourceOrAddress = Annotated[str, Role(read=True, may_be_address=True, holds_originals=True)]
    OutputOrAddress = Annotated[str, Role(written=True, may_be_address=True)]


def checks_paths(verb: Callable[P, R]) -> Callable[P, R]:
    """Look at the paths a verb was given before anything is read or written, locks included.

    The verb then raises StreamergraphError for an `InputPath` that is not there, and for an `OutputPath`
    that is a file it reads, or lies in a `SourcePath`.
    """

    @functools.wraps(verb)
    def checked(*arguments: P.args, **options: P.kwargs) -> R:
        check_paths(verb, inspect.signature(verb).bind(*arguments, **options).arguments)
        return verb(*arguments, **options)

    return checked


def check_paths(verb: Callable[..., Any], given: Mapping[str, Any]) -> None:
    """Raise StreamergraphError where the paths among the arguments `given` to a verb cannot be."""
    roles = {
        name: role
        for name, role in path_roles(verb).items()
        if given.get(name) is not None
        and not (role.may_be_address and "://" in os.fspath(given[name]))
    }
    flags = {name: flag_of(verb, name) for name in roles}
    places = {name: _places_of(given[name], role) for name, role in roles.items()}
    for name, role in roles.items():
        for path in places[name] if role.read else ():
            require_path(path, flag=flags[name])
    for out in (name for name, role in roles.items() if role.written):
        written = [Path(path) for path in places[out]]
        if roles[out].beside:
            written += [path.with_suffix(roles[out].beside) for path in written]
        for name in (name for name, role in roles.items() if role.read):
            for path, other in product(written, places[name]):
                _check_apart(
                    path,
                    other,
                    roles[name],
                    may_be_same=roles[out].may_be_input,
                    flag=flags[out],
                    other=flags[name],
                )


def _places_of(value: Any, role: Role) -> list[StrPath]:
    """What an argument names on the disk: one path, or as many as it was given."""
    paths: list[StrPath] = list(value) if isinstance(value, list | tuple) else [value]
    if role.may_be_address:
        return [os.fspath(path).removeprefix(JSON_PREFIX) for path in paths]
    return paths


def _check_apart(
    out: Path, path: StrPath, role: Role, *, may_be_same: bool, flag: str, other: str
) -> None:
    found = None
    if is_same(out, path):
        # Files of other names join tables in their folder; a file would be written over.
        joins = may_be_same or (Path(path).is_dir() and not role.holds_originals)
        found = None if joins else f"{other} itself"
    elif role.holds_originals and lies_inside(out, path):
        found = f"a place inside {other} ({os.fspath(path)})"
    if found is not None:
        raise StreamergraphError(
            out,
            expected=f"a place apart from {other}, into which nothing is written",
            found=found,
            remedy=f"choose another {flag}",
        )


def path_roles(verb: Callable[..., Any]) -> dict[str, Role]:
    """The arguments of a verb that are paths, and what it does with each."""
    scope = getattr(inspect.unwrap(verb), "__globals__", {})
    roles: dict[str, Role] = {}
    for name, parameter in inspect.signature(verb).parameters.items():
        hint = parameter.annotation
        hint = eval(hint, scope) if isinstance(hint, str) else hint  # our own source
        for role in _roles_in(hint):
            roles[name] = role
    return roles


def _roles_in(hint: Any) -> Iterator[Role]:
    if get_origin(hint) is Annotated:
        yield from (item for item in hint.__metadata__ if isinstance(item, Role))
    else:
        for part in get_args(hint):
            yield from _roles_in(part)


def flag_of(verb: Callable[..., Any], name: str) -> str:
    """How the command line names an argument of a verb: ``SOURCE``, ``--out``."""
    if inspect.signature(verb).parameters[name].kind is inspect.Parameter.KEYWORD_ONLY:
        return "--" + name.strip("_").replace("_", "-")
    return name.upper()
