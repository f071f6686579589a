"""Graph databases and graph files."""
