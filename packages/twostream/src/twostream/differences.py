"""In what two sets of options differ, and the refusal to replace what was made with the others."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from twostream.errors import TwostreamError

REPLACE = "--replace"


@dataclass(frozen=True)
class Difference:
    """One option (or whatever else decides a result) as it was `there` and as it is `asked` for now."""

    name: str
    there: Any
    asked: Any

    def __str__(self) -> str:
        """As the user reads it.

        >>> str(Difference("--epochs", 10, 12)), str(Difference("--weights", None, "none"))
        ('--epochs 12 instead of 10', '--weights none instead of the default')
        """
        return f"{self.name} {_told(self.asked)} instead of {_told(self.there)}"


def differences(
    there: Mapping[str, Any], asked: Mapping[str, Any], *, names: Mapping[str, str]
) -> tuple[Difference, ...]:
    """The keys in which two mappings differ, in the order of `asked`; `names` says how each is told.

    >>> print(*differences({"step": 1, "flow": "dis"}, {"step": 2, "flow": "dis"}, names={}))
    --step 2 instead of 1
    """
    keys = dict.fromkeys([*asked, *there])
    return tuple(
        Difference(names.get(key, "--" + key.replace("_", "-")), there.get(key), asked.get(key))
        for key in keys
        if there.get(key) != asked.get(key)
    )


def refuse_to_replace(
    what: Path | str, found: Sequence[Difference], *, expected: str
) -> TwostreamError:
    """The error of a call that would replace `what` (made as `expected` says) without being told to."""
    told = "; ".join(map(str, found)) if found else "one that cannot"
    return TwostreamError(
        what,
        expected=expected,
        found=told,
        remedy=f"choose another folder, or replace what is there with {REPLACE}",
    )


def _told(value: Any) -> str:
    if value is None:
        return "the default"
    return f"{value:g}" if isinstance(value, float) else str(value)
