"""gradwire: text becomes a graph, the graph gets numbers and a place for everything, and the two become a picture."""
