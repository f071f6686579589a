"""Observations: who was live in what, watched by whom, at what moment; kept as Parquet."""
