"""Every path argument of a verb: strings are taken, what is read must exist and is never written into.

An annotation says which argument is what: `InputPath` is read and must be there, `OutputFile` and
`OutputFolder` are written and are no file that is read, `AnyPath` is neither. Nothing is written into a
`SourcePath`, where a user's originals lie; results may lie among what this program wrote itself. For
type checkers all are
strings or paths; for the command line they are paths.
"""

from __future__ import annotations

import functools
import inspect
import os
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from itertools import product
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, ParamSpec, TypeVar, get_args, get_origin

from streamergraph.errors import StreamergraphError
from streamergraph.paths import (
    BOLT_SCHEMES,
    JSON_PREFIX,
    MONGODB_SCHEMES,
    StrPath,
    is_same,
    lies_inside,
    require_path,
    require_writable_kind,
)
from streamergraph.suggestions import nearest

P = ParamSpec("P")
R = TypeVar("R")


@dataclass(frozen=True)
class Role:
    """What a verb does with the file or folder that an argument names.

    `addresses` are how it may begin instead (``json:``, ``bolt://``); `is_folder` says what is written,
    None where it is as the verb is asked.
    """

    read: bool = False
    written: bool = False
    addresses: tuple[str, ...] = ()
    is_folder: bool | None = None
    holds_originals: bool = False
    may_be_input: bool = False  # what is read may be written anew, in place
    beside: str = ""  # suffix of a second file that is written with it


STORES = (JSON_PREFIX, *MONGODB_SCHEMES)

if TYPE_CHECKING:
    InputPath = StrPath
    OutputFile = StrPath
    OutputFolder = StrPath
    AnyPath = StrPath
    SourcePath = StrPath
    InPlacePath = StrPath
    ReportPath = StrPath
    StoreOrAddress = StrPath
    GraphOrAddress = StrPath
    SourceOrAddress = StrPath
    NewStoreOrAddress = StrPath
    NewGraphOrAddress = StrPath
else:
    InputPath = Annotated[Path, Role(read=True)]
    OutputFile = Annotated[Path, Role(written=True, is_folder=False)]
    OutputFolder = Annotated[Path, Role(written=True, is_folder=True)]
    AnyPath = Annotated[Path, Role()]
    SourcePath = Annotated[Path, Role(read=True, holds_originals=True)]
    InPlacePath = Annotated[Path, Role(written=True, is_folder=True, may_be_input=True)]
    ReportPath = Annotated[Path, Role(written=True, is_folder=False, beside=".json")]
    StoreOrAddress = Annotated[str, Role(read=True, addresses=STORES)]
    GraphOrAddress = Annotated[str, Role(read=True, addresses=BOLT_SCHEMES)]
    SourceOrAddress = Annotated[str, Role(read=True, addresses=STORES, holds_originals=True)]
    NewStoreOrAddress = Annotated[str, Role(written=True, is_folder=True, addresses=STORES)]
    NewGraphOrAddress = Annotated[str, Role(written=True, addresses=BOLT_SCHEMES)]


def checks_paths(verb: Callable[P, R]) -> Callable[P, R]:
    """Look at the paths a verb was given before anything is read or written, locks included.

    The verb then raises StreamergraphError for an `InputPath` that is not there, for an address of
    another kind than it knows, and for what is to be written and is a file it reads, lies in a
    `SourcePath`, or is a folder where a file was meant, or the other way round.
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
        and not (role.addresses and _is_address(given[name], role, flag_of(verb, name)))
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
        for path in written:
            require_writable_kind(path, is_folder=roles[out].is_folder, flag=flags[out])


def _is_address(value: StrPath, role: Role, flag: str) -> bool:
    """Whether an argument is an address and no path.

    Raises StreamergraphError for one that begins as none may, since a folder called ``blot:`` is
    nothing that anybody asked for.
    """
    text = os.fspath(value)
    begins = re.match(r"[A-Za-z][\w+.-]+:(//)?", text)
    if begins is None:  # one letter and a colon is a drive of Windows
        return False
    if begins[0] in role.addresses:
        return begins[0] != JSON_PREFIX
    near = nearest(begins[0], role.addresses)
    if begins[1] is None and (near is None or Path(text).exists()):
        return False  # a name with a colon in it
    usual = [one for one in role.addresses if "+" not in one]
    raise StreamergraphError(
        flag,
        expected=f"a path, or an address that begins with {' or '.join(usual)}",
        found=begins[0] + "…",
        remedy="check how it begins" if near is None else f"did you mean {near}?",
    )


def _places_of(value: Any, role: Role) -> list[StrPath]:
    """What an argument names on the disk: one path, or as many as it was given."""
    paths: list[StrPath] = list(value) if isinstance(value, list | tuple) else [value]
    if JSON_PREFIX in role.addresses:
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
