"""Recipes: settings of `run` that go together, shipped with the package and called by name."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from twostream.errors import TwostreamError
from twostream.suggestions import did_you_mean

FOLDER = Path(__file__).parent.parent / "recipes"


def recipe_names() -> tuple[str, ...]:
    """The names of all recipes.

    >>> "own-videos" in recipe_names()
    True
    """
    return tuple(sorted(path.stem for path in FOLDER.glob("*.yaml")))


def recipe_flags(name: str, verb: Callable[..., Any]) -> dict[str, Any]:
    """What a recipe says to a verb, by the names of arguments in Python.

    Raises TwostreamError for a name that is none.
    """
    from twostream.verbs.settings import load_settings

    names = recipe_names()
    if name not in names:
        remedy = did_you_mean(name, names, otherwise="for a file of your own use --config")
        raise TwostreamError(
            "--recipe", expected=f"one of {', '.join(names)}", found=name, remedy=remedy
        )
    said = load_settings(FOLDER / f"{name}.yaml", verb)
    return {parameter: said[flag] for flag, parameter in _parameters(verb).items() if flag in said}


def _parameters(verb: Callable[..., Any]) -> dict[str, str]:
    import inspect

    from twostream.verbs.paths import parameter_names

    return dict(zip(parameter_names(verb), inspect.signature(verb).parameters, strict=True))
