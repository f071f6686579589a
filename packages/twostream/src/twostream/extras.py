"""How to install what is missing, read from the installed metadata."""

from __future__ import annotations

import re
from collections.abc import Iterator
from importlib.metadata import Distribution, entry_points
from pathlib import Path

COMMAND = "twostream"
PYPROJECT = Path(__file__).parents[2] / "pyproject.toml"  # where these are sources
AGAIN = "--force-reinstall --no-deps "


def how_to_install(part: str, *, again: bool = False) -> str:
    """The line that installs an extra, or a package that this one needs, in versions that suit.

    It names the packages that an extra stands for and not this one: what an index offers under
    the name of this project may be another project's. With `again`, over what is there already.

    >>> how_to_install("jax")[:16]
    "pip install 'jax"
    """
    for distribution in _ours():
        packages = [
            requirement.partition(";")[0].strip()
            for requirement in distribution.requires or ()
            if _belongs(requirement, part)
        ]
        if packages:
            return _line(packages, again=again)
    # Run from sources that were never installed, or installed when there was no such extra.
    listed = _listed_beside_sources(part)
    if listed:
        return _line(listed, again=again)
    return f"install what the pyproject.toml of {COMMAND} lists under {part!r}"


def _line(packages: list[str], *, again: bool) -> str:
    return f"pip install {AGAIN if again else ''}" + " ".join(f"'{one}'" for one in packages)


def _listed_beside_sources(part: str) -> list[str]:
    """What the pyproject.toml beside these sources lists under an extra, or of the package `part`."""
    import tomllib

    try:
        project = tomllib.loads(PYPROJECT.read_text(encoding="utf-8"))["project"]
    except (OSError, ValueError, KeyError):
        return []
    packages = [one.partition(";")[0].strip() for one in project.get("dependencies", ())]
    extra: list[str] = project.get("optional-dependencies", {}).get(part, [])
    return extra or [one for one in packages if _belongs(one, part)]


def _belongs(requirement: str, part: str) -> bool:
    """Whether a line of the metadata is of the extra `part`, or is the needed package `part`."""
    package, _, marker = requirement.partition(";")
    if "extra" in marker:
        return bool(re.search(rf"""\bextra\s*==\s*["']{re.escape(part)}["']""", marker))
    return re.split(r"[^\w.-]", package.strip(), maxsplit=1)[0] == part


def _ours() -> Iterator[Distribution]:
    """The installed distributions of this project: known by their command, whatever their name."""
    for command in entry_points(group="console_scripts", name=COMMAND):
        if command.dist is not None and command.value.startswith(f"{COMMAND}."):
            yield command.dist
