"""Readers of other tools' graphs, a file for each tool. None imports it: what is read is already in memory."""
