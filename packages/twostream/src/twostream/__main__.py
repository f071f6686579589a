"""`python -m twostream`."""

from twostream.cli.main import main

main()
