"""Published results over HTTP, on this machine."""
