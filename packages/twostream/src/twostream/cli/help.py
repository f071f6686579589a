"""Help in two lengths: the few options that matter first, or all of them in groups."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Sequence
from typing import Annotated, Any

import cyclopts

from twostream.verbs.flags import Flag, flags_of, options_type

ALL, HELP = "--all", ("--help", "-h")
# Titles of the groups of options, in the order of the long help; those of one group alone come last.
TITLES = {
    "extraction": "Frames and flow",
    "labels": "Labels of other tools",
    "prepare": "Clips, frames and flow",
    "spatial": "Training, of both streams",
    "temporal": "Training of the temporal stream",
    "evaluate": "Evaluation",
    "predict": "What computes",
    "look": "How sources are looked at",
    "limits": "What may be asked of the server",
}
OF_ONE_GROUP = {group: f"{group.capitalize()} alone" for group in TITLES}


def asks_for_all(tokens: Sequence[str]) -> bool:
    """Whether the command line asks for the long help.

    >>> asks_for_all(["run", "--help", "--all"]), asks_for_all(["run", "--all"])
    (True, False)
    """
    return ALL in tokens and any(word in tokens for word in HELP)


def shown_in_help(verb: Callable[..., Any], *, everything: bool) -> Callable[..., Any]:
    """The verb with what its help shows of each flag: all, or those that matter first."""
    kind = options_type(verb)
    if kind is None:
        return verb
    flags = {one.parameter: one for one in flags_of(kind)}

    @functools.wraps(verb)
    def command(*arguments: Any, **given: Any) -> Any:
        return verb(*arguments, **given)

    signature = inspect.signature(verb)
    command.__signature__ = signature.replace(  # type: ignore[attr-defined]
        parameters=[
            one.replace(annotation=_annotated(one.annotation, flags[name], everything))
            if name in flags
            else one
            for name, one in signature.parameters.items()
        ]
    )
    return command


def epilogue(verb: Callable[..., Any], words: Sequence[str], *, everything: bool) -> str | None:
    """What the short help says of the options that it leaves out; None where it leaves out none."""
    kind = options_type(verb)
    left_out = 0 if kind is None or everything else sum(not one.is_main for one in flags_of(kind))
    return (
        f"{left_out} more options: `twostream {' '.join(words)} --help --all`. "
        "Files of options: `--config FILE`."
        if left_out
        else None
    )


def usage(verb: Callable[..., Any], app: cyclopts.App, words: Sequence[str]) -> str:
    """The line that says how the command of these words is written: each argument by its own name."""
    from cyclopts.help import format_usage

    named = []
    for one in inspect.signature(verb).parameters.values():
        if one.kind is one.VAR_POSITIONAL:
            named.append(f"{one.name.upper()}...")
        elif one.kind is not one.KEYWORD_ONLY and one.default is not one.empty:
            named.append(f"[{one.name.upper()}]")
    text = str(format_usage(app, words)).strip()
    for placeholder in ("[ARGS...]", "[ARGS]"):
        text = text.replace(placeholder, " ".join(named))
    return text


def _annotated(hint: Any, flag: Flag, everything: bool) -> Any:
    if not everything:
        brief = flag.option.declaration.in_brief()
        return Annotated[hint, cyclopts.Parameter(show=flag.is_main, help=brief)]
    group = flag.sets[0].group
    if group is None:
        return hint
    titles = OF_ONE_GROUP if flag.is_of_one_group else TITLES
    place = list(TITLES).index(group) + (len(TITLES) if flag.is_of_one_group else 0)
    return Annotated[
        hint, cyclopts.Parameter(group=cyclopts.Group(titles[group], sort_key=place + 1))
    ]
