"""One file a verb: the Python functions that the command line shows."""
