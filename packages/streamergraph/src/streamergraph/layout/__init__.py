"""Positions of nodes: ForceAtlas2, then no two circles on one place."""
