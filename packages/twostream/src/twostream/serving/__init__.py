"""A trained run behind HTTP: a page to try it on, and an interface for programs."""
