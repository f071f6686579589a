"""The graph that communities, layout, pictures and databases are made from, told apart by its hash."""
