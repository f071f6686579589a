"""Two-stream recognition of human actions in video."""

__version__ = "0.1.0"
