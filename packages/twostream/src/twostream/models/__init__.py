"""Networks of the two streams and their inference."""
