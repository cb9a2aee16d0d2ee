"""The graph, how it is built, and what of it is shown."""
