"""Errors of Keras, short enough for people."""

from __future__ import annotations

LONGEST_REASON = 160


def reason(error: BaseException) -> str:
    """An error of Keras in one short line: its words may run over thousands of characters.

    >>> reason(ValueError("No such layer. " + "x" * 3000))[:30]
    'ValueError: No such layer. xxx'
    """
    text = f"{type(error).__name__}: " + " ".join(str(error).split())
    return text if len(text) <= LONGEST_REASON else text[: LONGEST_REASON - 1] + "…"
