"""The original project's procedures, defects included, to measure what they cost."""
