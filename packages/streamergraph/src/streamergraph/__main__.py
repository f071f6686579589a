"""`python -m streamergraph`."""

from streamergraph.cli.main import main

main()
