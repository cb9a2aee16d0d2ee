"""The Python face of gradwire, for notebooks and other tools."""
