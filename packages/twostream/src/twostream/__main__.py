"""`twostream` and `python -m twostream`."""

from __future__ import annotations

import sys


def main() -> None:
    """Run the command line; Ctrl-C is as quiet while modules are loaded as it is later."""
    try:
        from twostream.cli.main import main as run
    except KeyboardInterrupt:
        sys.exit(130)
    run()


if __name__ == "__main__":
    main()
