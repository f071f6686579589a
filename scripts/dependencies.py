"""What the packages of this repository say they need, read from their pyproject.toml."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PACKAGES = ("twostream", "streamergraph")
FORM = re.compile(r"(?P<name>[\w.-]+)>=(?P<lowest>[\w.]+),<(?P<excluded>[\w.]+)")


@dataclass(frozen=True)
class Requirement:
    """A dependency by name, the lowest version that suits, the lowest that is not to be taken."""

    name: str
    lowest: str
    excluded: str

    def __str__(self) -> str:
        return f"{self.name}>={self.lowest},<{self.excluded}"


def requirements(package: str, *, extras: bool = True) -> list[Requirement]:
    """What `package` needs, with everything that its extras need.

    Raises ValueError for a dependency that lacks one of its bounds.
    """
    path = ROOT / "packages" / package / "pyproject.toml"
    project = tomllib.loads(path.read_text(encoding="utf-8"))["project"]
    lines = list(project["dependencies"])
    if extras:
        lines += [line for extra in project["optional-dependencies"].values() for line in extra]
    return [_parsed(line, path) for line in lines]


def _parsed(line: str, path: Path) -> Requirement:
    match = FORM.fullmatch(line)
    if match is None:
        raise ValueError(f"{path}: {line!r} is not of the form name>=LOWEST,<EXCLUDED")
    return Requirement(**match.groupdict())


def pinned_lines(*, but: set[str]) -> list[str]:
    """The lines of constraints.txt without those of the packages named in `but`."""
    lines = (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines()
    return [line for line in lines if normal(re.split(r"[=;\s]", line)[0]) not in but]


def normal(name: str) -> str:
    """The name of a distribution in the spelling in which equal ones are equal.

    >>> normal("PyYAML"), normal("opt_einsum")
    ('pyyaml', 'opt-einsum')
    """
    return re.sub(r"[-_.]+", "-", name).lower()
