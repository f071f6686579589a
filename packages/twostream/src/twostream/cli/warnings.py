"""How the command line shows our own warnings."""

from __future__ import annotations

import warnings

from twostream.errors import TwostreamWarning


def tell_warnings_in_a_line() -> None:
    """Show our own warnings without the place in the source, which is no user's business."""
    usual = warnings.formatwarning

    def formatted(
        message: Warning | str,
        category: type[Warning],
        filename: str,
        lineno: int,
        line: str | None = None,
    ) -> str:
        if issubclass(category, TwostreamWarning):
            return f"note: {message}\n"
        return usual(message, category, filename, lineno, line)

    warnings.formatwarning = formatted
