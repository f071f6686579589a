"""Communities of streamers: found, named, checked for stability, compared between dates."""
