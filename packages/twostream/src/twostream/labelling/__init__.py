"""Labels of actions in videos, as the tools keep them in which people label: read, written, counted."""
