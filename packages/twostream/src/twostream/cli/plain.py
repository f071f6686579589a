"""Text of others, such as names of files, on a terminal: it moves no cursor and ends no line."""

from __future__ import annotations

import re

CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]")


def plain(text: str) -> str:
    r"""The text in one line, with control characters as Python writes them.

    >>> print(plain("a" + chr(10) + "b" + chr(27) + "[31m.mp4"))
    a\nb\x1b[31m.mp4
    """
    return CONTROL.sub(lambda found: repr(found.group())[1:-1], text)
