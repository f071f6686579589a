"""What the benchmarks measure against, and how they take turns."""
