"""Facts about categories from a list of Steam titles."""
