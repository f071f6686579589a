"""`twostream` and `python -m twostream`."""

from __future__ import annotations

import sys
import warnings


def main() -> None:
    """Run the command line; Ctrl-C is as quiet while modules are loaded as it is later."""
    try:
        from twostream.cli.main import main as run
    except KeyboardInterrupt:
        sys.exit(130)
    tell_warnings_in_a_line()
    run()


def tell_warnings_in_a_line() -> None:
    """Show our own warnings without the place in the source, which is no user's business."""
    from twostream.errors import TwostreamWarning

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


if __name__ == "__main__":
    main()
