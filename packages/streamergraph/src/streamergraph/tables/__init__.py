"""The tables of a graph: streamers, categories and the two kinds of relations between them."""
