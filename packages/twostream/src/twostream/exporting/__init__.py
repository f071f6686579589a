"""A trained run for other programs: networks in their formats, and all that says how to feed them."""
