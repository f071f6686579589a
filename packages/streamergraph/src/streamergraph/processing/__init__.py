"""From observations to tables: sampling, bots, raids, thresholds, shared audience."""
