"""HTML reports: what the tables say and whether they can be trusted."""
