"""Observations of a world that is known: planted communities, bots, raids, holes, renames."""
