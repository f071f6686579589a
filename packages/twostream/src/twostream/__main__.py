"""`twostream` and `python -m twostream`."""

from __future__ import annotations

from twostream.cli import interrupts

# Before anything that takes time is loaded.
interrupts.leave_at_once()


def main() -> None:
    """Run the command line."""
    from twostream.cli.main import main as run

    interrupts.call(run)


if __name__ == "__main__":
    main()
