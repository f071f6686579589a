"""Options of the steps of `run`, in its one configuration file: a section a verb.

``process:`` and below it, indented, ``threshold: 5``. They are converted and refused as if that verb had
been called with them.
"""

from __future__ import annotations

import inspect
from collections.abc import Mapping
from importlib import import_module
from pathlib import Path
from typing import Any

import cyclopts

from streamergraph.errors import StreamergraphError

# What `run` says itself to its verbs, and what would make of one run many.
NOT_IN_SECTIONS = {"out", "store", "log", "every"}


def options_of_steps(steps: Mapping[str, str]) -> dict[str, set[str]]:
    """The options that a section may hold, without dashes, for each step (name: ``module:function``)."""
    return {
        name: {
            parameter.name.strip("_").replace("_", "-")
            for parameter in _parameters(place).values()
            if parameter.kind is inspect.Parameter.KEYWORD_ONLY
            and parameter.name not in NOT_IN_SECTIONS
        }
        for name, place in steps.items()
    }


def typed_options(
    app: cyclopts.App, step: str, place: str, options: Mapping[str, Any], *, source: Path
) -> dict[str, Any]:
    """The `options` of a section as the step's function takes them.

    Raises StreamergraphError, naming `source`, for values that the verb would refuse.
    """
    parameters = _parameters(place)
    words = [step]
    for parameter in parameters.values():
        if parameter.default is inspect.Parameter.empty:  # what `run` says; any word will do
            keyword = parameter.kind is inspect.Parameter.KEYWORD_ONLY
            words += [f"--{parameter.name}=x"] if keyword else ["x"]
    for flag, value in options.items():
        if isinstance(value, bool):
            words.append(f"--{flag}" if value else f"--no-{flag}")
        else:
            words.append(f"--{flag}={value}")
    try:
        _, bound, _ = app.parse_args(words, exit_on_error=False, print_error=False)
    except cyclopts.CycloptsError as error:
        raise StreamergraphError(
            source,
            expected=f"options of {step}",
            found=" ".join(str(error).split()),
            remedy=f"see `streamergraph {step} --help`",
        ) from None
    given = {flag.replace("-", "_") for flag in options}
    return {k: v for k, v in bound.arguments.items() if k.strip("_") in given}


def _parameters(place: str) -> Mapping[str, inspect.Parameter]:
    module, _, name = place.partition(":")
    return inspect.signature(getattr(import_module(module), name)).parameters
