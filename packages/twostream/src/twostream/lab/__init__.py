"""What the product is tried with and does not load: benchmarks, generated clips, the original's ways."""
