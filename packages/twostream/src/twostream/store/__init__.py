"""One clip: written once, read by one reader."""
