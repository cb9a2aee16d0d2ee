"""A place for everything in a view."""
