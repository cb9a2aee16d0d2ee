"""Numbers for a graph: forward, backward, tangents, and derivatives as graphs."""
