"""`twostream` and `python -m twostream`."""

from __future__ import annotations

import signal
import sys
import warnings


def main() -> None:
    """Run the command line; Ctrl-C is as quiet while modules are loaded as it is later."""
    try:
        from twostream.cli.main import main as run
    except KeyboardInterrupt:
        sys.exit(130)
    tell_warnings_in_a_line()
    try:
        run()
    except KeyboardInterrupt:  # a second one, while the first is told
        sys.exit(130)
    finally:
        # All is done or told: an interrupt while Python shuts down must not change the status.
        signal.signal(signal.SIGINT, signal.SIG_IGN)


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
