"""Pictures of the graph: GEXF, PNG, SVG and an interactive page."""
